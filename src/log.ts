// The logger: one JSON line per event, a fixed text and fields.
//
// What must always hold: no secret leaves in a line, whoever logs what. So the finished line is cleaned, not single fields:
// there is no place in an object, a message or a stack that the last step does not see.
import { type DestinationStream, destination, type Logger, pino } from 'pino'

export interface LogOptions {
  level: string
  /** Values that have no shape to know them by: passwords, webhook secrets, keys of model servers. */
  secrets: readonly string[]
  /** Standard output, unless a test wants to read along. */
  stream?: DestinationStream
}

export function createLog(options: LogOptions): Logger {
  // Synchronous, so that the last lines before a crash are there.
  const stream = options.stream ?? destination({ fd: 1, sync: true })
  const redact = createRedaction(options.secrets)
  return pino(
    { level: options.level, base: { pid: process.pid }, serializers: { err: describeError, error: describeError } },
    { write: (line) => stream.write(redact(line)) },
  )
}

/** Octokit's errors carry the request with its headers, and event errors the whole payload: only what is named here is logged. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { cause, message, name, stack } = error
  return {
    name,
    message,
    stack,
    ...('code' in error ? { code: error.code } : {}),
    ...('status' in error ? { status: error.status } : {}),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
    ...(error instanceof AggregateError ? { errors: error.errors.map(describeError) } : {}),
  }
}

const hidden = '[redacted]'

/**
 * What secrets look like inside a line of JSON. No pattern may take in a quote or a lone backslash, or the line would not
 * be JSON any more.
 * GitHub's prefixes: https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
 */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[A-Za-z0-9+/=\s]|\\+[nr])*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g, hidden],
  [/\bgh[a-z]_[A-Za-z0-9._-]{16,}/g, hidden],
  [/\bgithub_pat_\w{16,}/g, hidden],
  [/(?<![\w-])ey[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g, hidden],
  [/\bsk-[\w-]{16,}/g, hidden],
  [/(\b(?:Bearer|Basic|token) +)[A-Za-z0-9._~+/=-]{16,}/gi, `$1${hidden}`],
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#"\\@]*:[^\s/?#"\\]*@/gi, `$1${hidden}@`],
  [/(\bsha(?:1|256)=)[0-9a-f]{40,64}/g, `$1${hidden}`],
  [
    /("[\w-]*(?:authorization|cookie|password|secret|api[_-]?key|private[_-]?key|token)[\w-]*":)"(?:[^"\\]|\\.)*"/gi,
    `$1"${hidden}"`,
  ],
]

function createRedaction(secrets: readonly string[]): (line: string) => string {
  // Shorter ones would blacken ordinary words; the configuration accepts none.
  const literal = secrets.filter((secret) => secret.length >= 8).map((secret) => JSON.stringify(secret).slice(1, -1))
  return (line) => {
    let clean = line
    for (const secret of literal) clean = clean.replaceAll(secret, hidden)
    for (const [shape, replacement] of shapes) clean = clean.replace(shape, replacement)
    return clean
  }
}
