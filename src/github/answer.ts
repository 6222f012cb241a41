// What GitHub answered to a request that failed. The only place that looks into Octokit's errors: they carry the whole
// request, headers and body included, so none of them leaves `src/github/`.
import { z } from 'zod'
import { ClosedDoorError, ParkedError } from '../review/errors.ts'
import { wording } from '../review/wording.ts'

export interface Answer {
  status: number
  /** GitHub's message and errors, in one line of at most 2,000 characters. */
  text: string
  headers: Record<string, string>
  /** The request for the installation's token failed; what was really asked was not sent. */
  onToken: boolean
}

const octokitError = z.object({
  request: z.object({ url: z.string() }),
  response: z.object({
    status: z.int(),
    headers: z.record(z.string(), z.unknown()),
    data: z.unknown(),
  }),
})

/** `undefined` when no answer came: time-out, lost connection, abort, or something else than a request went wrong. */
export function answerOf(error: unknown): Answer | undefined {
  const parsed = octokitError.safeParse(error)
  if (!parsed.success) return undefined
  const { request, response } = parsed.data
  return {
    status: response.status,
    text: textOf(response.data),
    headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
    onToken: request.url.endsWith('/access_tokens'),
  }
}

const problem = z.object({
  message: z.string(),
  // Strings for reviews, objects elsewhere. https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
  errors: z.array(
    z.union([z.string(), z.looseObject({ message: z.string().optional(), field: z.string().optional() })]),
  ),
})

function textOf(data: unknown): string {
  const { message, errors } = problem.partial().catch({}).parse(data)
  const details = (errors ?? []).map((one) =>
    typeof one === 'string' ? one : `${one.field ?? ''} ${one.message ?? ''}`,
  )
  return [message ?? 'no message', ...details].join(': ').replace(/\s+/g, ' ').slice(0, 2_000)
}

/** One sentence for logs and rows. */
export function describeAnswer(what: string, answer: Answer): string {
  const request = answer.headers['x-github-request-id']
  return `${what}: GitHub answered ${answer.status} (${answer.text.slice(0, 300)})${request ? `, request ${request}` : ''}`
}

/** An error without the request in it. Octokit wraps what `fetch` threw; that one is kept. */
export function describeFailure(what: string, error: unknown): Error {
  const answer = answerOf(error)
  if (answer) return new Error(describeAnswer(what, answer))
  const cause = error instanceof Error && 'request' in error ? error.cause : error
  return new Error(`${what}: no usable answer from GitHub`, { cause })
}

/** Octokit's, or a reply of another shape than GitHub documents. Errors of ours say enough as they are. */
function isForeign(error: unknown): boolean {
  return error instanceof z.ZodError || (error instanceof Error && 'request' in error)
}

/** When there is neither Retry-After nor a reset time, GitHub asks to wait at least a minute. */
const unnamedPauseMs = 60_000

/**
 * How long to wait when the answer is a primary or secondary rate limit, else `undefined`.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
export function limitedForMs(answer: Answer): number | undefined {
  const { headers, status, text } = answer
  // A burst of comments is refused as a validation error.
  if (status === 422) return /submitted too quickly/i.test(text) ? unnamedPauseMs : undefined
  if (status !== 403 && status !== 429) return undefined
  if (headers['retry-after'] !== undefined) return seconds(headers['retry-after']) ?? unnamedPauseMs
  if (headers['x-ratelimit-remaining'] === '0') return untilReset(headers)
  return status === 429 || /rate limit|abuse detection/i.test(text) ? unnamedPauseMs : undefined
}

function seconds(text: string | undefined): number | undefined {
  const value = Number(text)
  // At once would be a loop.
  return text && value >= 0 ? Math.min(Math.max(value, 1), 86_400) * 1000 : undefined
}

/** By GitHub's clock when the answer names it: ours may be wrong. One second more, because the reset is in whole seconds. */
function untilReset(headers: Answer['headers']): number {
  const now = Date.parse(headers['date'] ?? '') || Date.now()
  const reset = Number(headers['x-ratelimit-reset']) * 1000
  return reset > now ? Math.min(reset - now, 86_400_000) + 1000 : unnamedPauseMs
}

/** Why there is no way in, for people; `undefined` when the door is not closed. 404 is for the caller to judge. */
export function closedDoor(answer: Answer): string | undefined {
  const { onToken, status, text } = answer
  if (/lock prevents|issue is locked|conversation is locked/i.test(text)) return 'The conversation is locked.'
  if (status === 404 && onToken) return 'The App is not installed here any more.'
  if (status === 410) return 'GitHub says that this is gone.'
  if (status === 451) return 'GitHub has made the repository unavailable for legal reasons.'
  if (status !== 403) return undefined
  if (/suspended/i.test(text)) return wording.reason.suspended
  if (/archived/i.test(text)) return wording.reason.archived
  if (/not accessible by integration/i.test(text)) return "The App's permissions do not allow this."
  return `GitHub refuses access: ${text}`
}

export interface Reading {
  /** For messages: "reading the files of owner/repo#1". */
  what: string
  signal: AbortSignal
}

export const goneReason = 'The repository or the pull request does not exist any more, or the App cannot see it.'

/**
 * Runs reads. Throws the abort reason, `ParkedError` for limits, `ClosedDoorError` when GitHub does not let us in, and
 * otherwise an `Error` that is worth a retry.
 */
export async function read<T>(reading: Reading, ask: () => Promise<T>): Promise<T> {
  reading.signal.throwIfAborted()
  try {
    return await ask()
  } catch (error) {
    reading.signal.throwIfAborted()
    const answer = answerOf(error)
    if (!answer) throw isForeign(error) ? describeFailure(reading.what, error) : error
    const delayMs = limitedForMs(answer)
    if (delayMs !== undefined) throw new ParkedError(`${reading.what}: GitHub asked to wait`, delayMs)
    const reason = closedDoor(answer) ?? (answer.status === 404 ? goneReason : undefined)
    if (reason !== undefined) throw new ClosedDoorError(reason)
    throw describeFailure(reading.what, error)
  }
}
