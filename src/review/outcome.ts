// How a review ends, and the words for its states. Failure is not an outcome: it is thrown.
import type { PullRequestRef } from './pull-request.ts'

export const statuses = [
  'queued',
  'running',
  'retrying',
  'published',
  'skipped',
  'superseded',
  'cancelled',
  'failed',
] as const
export type Status = (typeof statuses)[number]

/** `full`: every file that should be read was read. `none`: nothing was. */
export type Coverage = 'full' | 'partial' | 'none'

/** `blocking`: something of severity critical or high was published. */
export type Verdict = 'clean' | 'comments' | 'blocking'

/** `check-only`: nothing to say, the check run speaks. `shown`: on the dashboard only. */
export type DeliveryOfReview = 'review' | 'check-only' | 'shown'

/** A file that was not read, and why, in a few words for people. */
export interface FileLeftOut {
  /** `noise`: nobody would read it, coverage stays full. `unread`: it should have been read, coverage is partial. */
  kind: 'noise' | 'unread'
  path: string
  reason: string
  /** So many files; 0 for what is none, 1 without it. */
  files?: number
}

export type Outcome =
  | { kind: 'published'; delivery: DeliveryOfReview; githubReviewId?: number }
  | { kind: 'skipped'; reason: string }
  /** `by` is what GitHub has now. */
  | { kind: 'superseded'; by: Pick<PullRequestRef, 'headSha' | 'baseRef'>; reason: string }
  | { kind: 'cancelled'; reason: string }

/** For the last arm of a `switch` over a closed union: stops compiling when a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`unexpected case: ${JSON.stringify(value)}`)
}
