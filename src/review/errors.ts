// The kinds of failure. Everything that is none of these is retried with growing pauses.
import type { TokenCount } from '../jobs/ports.ts'

/** Somebody on the pull request or the operator can fix it; they are told, and nothing is retried. */
export class UserError extends Error {
  override readonly name = 'UserError'
}

/** Nobody gains from trying again. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError'
}

/** Not a failure: come back in `delayMs`. Spends no attempt (rate limits, GitHub's read lag, another owner's turn). */
export class ParkedError extends Error {
  override readonly name = 'ParkedError'
  readonly delayMs: number
  constructor(message: string, delayMs: number, options?: ErrorOptions) {
    super(message, options)
    this.delayMs = delayMs
  }
}

/** The row or the stream entry belongs to someone else now. Stop and write nothing, neither here nor at GitHub. */
export class LostLeaseError extends Error {
  override readonly name = 'LostLeaseError'
}

/** GitHub does not let us in (any more): uninstalled, suspended, archived, deleted. The message is the reason, for people. */
export class ClosedDoorError extends Error {
  override readonly name = 'ClosedDoorError'
}

/** What was paid for nothing. Cost in US dollars, missing where it is not known. */
export interface Taken {
  tokens: TokenCount
  costUsd?: number
}

/** Thrown inside a step only: its journal takes it apart and throws the cause on, whose kind decides what is done next. */
export class PaidForNothing extends Error {
  override readonly name = 'PaidForNothing'
  readonly taken: Taken
  constructor(cause: unknown, taken: Taken) {
    super('the step failed, and was paid for', { cause })
    this.taken = taken
  }
}

export function takeApart(thrown: unknown): { error: unknown; taken?: Taken } {
  return thrown instanceof PaidForNothing ? { error: thrown.cause, taken: thrown.taken } : { error: thrown }
}

/** The error and its causes, for people. Errors of ours never hold a token, a key or a diff. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${describe(error.cause)}` : error.message
}
