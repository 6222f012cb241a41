// The one place that starts git. What git reads here was written by somebody else.
//
// What must always hold: arguments are a list, never a line for a shell; no text from outside stands where an option could
// stand (commits are full ids, paths come after `--`, pathspecs are literal); nothing of the machine's or the user's
// configuration is followed, and what a repository's own configuration could start (hooks, monitors, drivers, helpers, lazy
// fetches) is switched off; a token is in the environment of the one process that needs it, never in its arguments, in a URL,
// on disk or in a message.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

export interface Remote {
  /** `https://HOST/owner/repo.git`, without credentials. */
  url: string
  token: string | undefined
  /** PEM. Git knows nothing of NODE_EXTRA_CA_CERTS. */
  certificateFile: string | undefined
}

export interface GitCall {
  /** What is being done, for messages: "reading a file". */
  what: string
  /** `around`: git looks for it from that folder upwards; for a repository of whoever sits at this machine. */
  gitDir: string | { around: string }
  args: readonly string[]
  signal: AbortSignal
  timeoutMs?: number
  memoryMb?: number
  /** Of standard output. */
  maxBytes?: number
  /** Known to git as `origin`. Without one git cannot connect to anything. */
  remote?: Remote
  /** Sees the output as it comes; then nothing is collected. */
  onOutput?(chunk: Buffer): 'more' | 'enough'
}

interface GitAnswer {
  /** `undefined`: it was stopped, or ended by a signal. */
  code: number | undefined
  stopped: 'time' | 'bytes' | 'enough' | undefined
  output: Buffer
  /** What git complained of, in one line, without secrets. */
  complaint: string
}

export interface Git {
  /** Rejects with the signal's reason, or when git cannot be started. */
  run(call: GitCall): Promise<GitAnswer>
  /** Standard output. Rejects with a `GitError` as well when git did not end well. */
  read(call: GitCall): Promise<Buffer>
}

export class GitError extends Error {
  override readonly name = 'GitError'
  readonly answer: GitAnswer
  constructor(what: string, answer: GitAnswer) {
    const reasons = { time: 'it took too long', bytes: 'there is too much of it', enough: 'it was ended' }
    const ended = `git ended with ${answer.code ?? 'a signal'}: ${answer.complaint}`
    super(`${what}: ${answer.stopped ? reasons[answer.stopped] : ended}`)
    this.answer = answer
  }
}

/** Reads take milliseconds; this is for a large repository on a machine under load. */
const usualTimeoutMs = 10_000
const usualMaxBytes = 4 * 1024 * 1024
/** Of address space. Packs are mapped in small windows, so that large repositories fit. */
const usualMemoryMb = 2048
/** The shell only sets limits, and becomes git. Where it cannot set them (macOS), there are none. */
const script = 'ulimit -c 0 2>/dev/null; ulimit -v "$1" 2>/dev/null; shift; exec git "$@"'

/** As `git -c` would have it: stronger than any file. */
const isolation: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.symlinks', 'false'],
  ['core.attributesFile', '/dev/null'],
  ['core.alternateRefsCommand', 'false'],
  ['core.quotePath', 'false'],
  ['core.bigFileThreshold', '16m'],
  ['core.packedGitWindowSize', '16m'],
  ['core.packedGitLimit', '256m'],
  ['credential.helper', ''],
  ['protocol.allow', 'never'],
  ['safe.bareRepository', 'explicit'],
  ['submodule.recurse', 'false'],
  ['transfer.fsckObjects', 'true'],
  // Each fetch keeps one pack, so that packs can be counted.
  ['fetch.unpackLimit', '1'],
  ['pack.threads', '1'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['blame.ignoreRevsFile', ''],
  ['diff.suppressBlankEmpty', 'false'],
  ['i18n.logOutputEncoding', 'UTF-8'],
  ['log.showSignature', 'false'],
]

const environmentOfGit = {
  LANG: 'C.UTF-8',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_LITERAL_PATHSPECS: '1',
  GIT_LFS_SKIP_SMUDGE: '1',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: 'false',
}

/** `environment`: PATH, and the way out through a proxy. Nothing else of ours reaches git. */
export function createGit(environment: Readonly<Record<string, string>>): Git {
  const run = (call: GitCall): Promise<GitAnswer> => {
    const file = call.remote?.certificateFile
    const trust = file === undefined ? {} : { GIT_SSL_CAINFO: file }
    const given = settings([...isolation, ...settingsOf(call.remote)])
    return start(call, { ...environment, ...environmentOfGit, ...trust, ...given })
  }
  return {
    run,
    async read(call) {
      const answer = await run(call)
      if (answer.code !== 0 || answer.stopped) throw new GitError(call.what, answer)
      return answer.output
    },
  }
}

/** https://git-scm.com/docs/git-config#ENVIRONMENT */
function settings(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const numbered = pairs.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ])
  return Object.fromEntries([['GIT_CONFIG_COUNT', String(pairs.length)], ...numbered])
}

/** Files of 1 MB and more are not read, so they are not fetched. https://git-scm.com/docs/git-rev-list#_object_traversal */
export const maxFileBytes = 1024 * 1024

/**
 * The filter is set here and not by an option, because git would write the remote down, and every later read would try to
 * fetch what was left out.
 */
function settingsOf(remote: Remote | undefined): [string, string][] {
  if (!remote) return []
  const common: [string, string][] = [
    ['protocol.https.allow', 'always'],
    ['protocol.http.allow', 'always'],
    ['http.followRedirects', 'false'],
    ['http.lowSpeedLimit', '1000'],
    ['http.lowSpeedTime', '30'],
    ['remote.origin.url', remote.url],
    ['remote.origin.promisor', 'true'],
    ['remote.origin.partialclonefilter', `blob:limit=${maxFileBytes}`],
  ]
  if (remote.token === undefined) return common
  const header = `Authorization: Basic ${basicCredentials(remote.token)}`
  return [...common, [`http.${new URL(remote.url).origin}/.extraHeader`, header]]
}

/** https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation */
const basicCredentials = (token: string): string => Buffer.from(`x-access-token:${token}`).toString('base64')

function start(call: GitCall, env: Record<string, string>): Promise<GitAnswer> {
  const { args, gitDir, memoryMb = usualMemoryMb, signal, what } = call
  signal.throwIfAborted()
  const [cwd, where] = typeof gitDir === 'string' ? [gitDir, [`--git-dir=${gitDir}`]] : [gitDir.around, []]
  const child = spawn('/bin/sh', ['-c', script, 'sh', String(memoryMb * 1024), ...where, ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: a fetch is several processes.
    detached: true,
  })
  const kill = (): void => killGroup(child.pid)
  const collected = collect(child, call, kill)
  const timer = setTimeout(() => collected.stop('time'), call.timeoutMs ?? usualTimeoutMs)
  signal.addEventListener('abort', kill, { once: true })
  const { promise, reject, resolve } = Promise.withResolvers<GitAnswer>()
  child.on('error', (cause) => reject(new Error(`${what}: git cannot be started`, { cause })))
  child.on('close', (code) => {
    if (signal.aborted) reject(signal.reason)
    else resolve(collected.answer(code))
  })
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', kill)
  })
}

function collect(child: ChildProcessByStdio<null, Readable, Readable>, call: GitCall, kill: () => void) {
  const { maxBytes = usualMaxBytes, onOutput, remote } = call
  const output: Buffer[] = []
  let bytes = 0
  let complaint = ''
  let stopped: GitAnswer['stopped']
  const stop = (why: GitAnswer['stopped']): void => {
    stopped ??= why
    kill()
  }
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) return stop('bytes')
    if (!onOutput) return void output.push(chunk)
    if (!stopped && onOutput(chunk) === 'enough') stop('enough')
  })
  const decoder = new StringDecoder()
  child.stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < 4_000) complaint += decoder.write(chunk)
  })
  const answer = (code: number | null): GitAnswer => ({
    code: code ?? undefined,
    stopped,
    output: Buffer.concat(output),
    complaint: toOneLine(complaint, remote?.token),
  })
  return { stop, answer }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // It has ended already.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Partly a server's or a repository's words. */
function toOneLine(complaint: string, token: string | undefined): string {
  const hidden = token === undefined ? [] : [token, basicCredentials(token)]
  return hidden
    .reduce((text, secret) => text.replaceAll(secret, '…'), complaint)
    .replace(/\/\/[^/@\s]+@/g, '//…@')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 300)
}
