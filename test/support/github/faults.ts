// Faults on order: what GitHub's own failures look like from outside.
import type { Reply } from './reply.ts'

export type FaultKind =
  /** The request is carried out, and the answer is an HTML page with status 502. */
  | { kind: 'commit-then-502' }
  /** The request is carried out, and the connection breaks before the answer. */
  | { kind: 'commit-then-drop' }
  /** Those below, up to `delay`: nothing is done. */
  | { kind: '502' }
  | { kind: 'drop' }
  | { kind: '401' }
  | { kind: '422' }
  /** Of a review: some line is not part of the diff, and GitHub does not say which. */
  | { kind: 'line-refused' }
  /** Without `retryAfter` (seconds) GitHub does not say how long. */
  | { kind: '429'; retryAfter?: number }
  | { kind: 'secondary-limit'; retryAfter?: number }
  /** `resetIn`: seconds until the hourly limit starts anew. */
  | { kind: 'primary-limit'; resetIn: number }
  /** Answered as ever, `ms` later; with `after` it is carried out first. */
  | { kind: 'delay'; ms: number; after?: 'carried-out' }

export interface Match {
  method: string
  /** Against the path without the query. */
  path: RegExp
  /** How often; once by default. */
  times?: number
}

/** `when`: asked for each matching request, for faults by chance. */
export type Fault = Match & FaultKind & { when?: () => boolean }

export interface Faults {
  /** The first fault that matches takes the request. */
  add(fault: Fault): void
  clear(): void
}

export class FaultList implements Faults {
  #waiting: { fault: Fault; left: number }[] = []

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 })
  }

  clear(): void {
    this.#waiting = []
  }

  take(method: string, path: string): Fault | undefined {
    const found = this.#waiting.find(({ fault }) => matches(fault, method, path) && (fault.when?.() ?? true))
    if (!found) return undefined
    found.left--
    if (found.left <= 0) this.#waiting = this.#waiting.filter((one) => one !== found)
    return found.fault
  }
}

export function matches(match: Match, method: string, path: string): boolean {
  return match.method === method && match.path.test(path)
}

export const badGateway: Reply = {
  status: 502,
  body: '<!DOCTYPE html><html><head><title>Unicorn!</title></head><body><h1>502 Bad Gateway</h1></body></html>',
  headers: { 'content-type': 'text/html; charset=utf-8' },
}

/** What is answered instead of carrying the request out; `drop`: the connection breaks; `undefined`: it is carried out. */
export function answerInstead(fault: FaultKind): Reply | 'drop' | undefined {
  switch (fault.kind) {
    case '502':
      return badGateway
    case 'drop':
      return 'drop'
    case '401':
      return { status: 401, body: { message: 'Bad credentials', status: '401' } }
    case '422':
      return { status: 422, body: { message: 'Validation Failed', documentation_url: docs } }
    case 'line-refused': {
      const errors = ['Pull request review thread line must be part of the diff']
      return { status: 422, body: { message: 'Unprocessable Entity', errors, documentation_url: docs } }
    }
    case '429':
      return limited(429, 'API rate limit exceeded', retryAfter(fault.retryAfter))
    case 'secondary-limit': {
      const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
      return limited(403, message, retryAfter(fault.retryAfter))
    }
    case 'primary-limit': {
      const reset = String(Math.ceil(Date.now() / 1000) + fault.resetIn)
      const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
      return limited(403, 'API rate limit exceeded for installation.', headers)
    }
    default:
      return undefined
  }
}

const docs = 'https://docs.github.com/rest'

function limited(status: number, message: string, headers: Record<string, string>): Reply {
  return { status, body: { message, documentation_url: docs }, headers }
}

function retryAfter(seconds: number | undefined): Record<string, string> {
  return seconds === undefined ? {} : { 'retry-after': String(seconds) }
}
