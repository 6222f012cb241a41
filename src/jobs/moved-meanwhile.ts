import { ParkedError } from '../review/errors.ts'
import type { Outcome } from '../review/outcome.ts'
import { type PullRequestRef, pullRequestName } from '../review/pull-request.ts'
import { endedEarly } from './ended-early.ts'
import type { ChangeReader } from './ports.ts'

/** GitHub's lists catch up within seconds of a push. */
const listLagMs = 10_000

/**
 * The list of files was not that of the head we review. Either the pull request has moved on, and this review is over, or
 * GitHub's list lags behind, and we come back.
 */
export async function movedMeanwhile(ref: PullRequestRef, reader: ChangeReader, signal: AbortSignal): Promise<Outcome> {
  const over = endedEarly(ref, await reader.readState(ref, signal))
  if (over) return over
  throw new ParkedError(`GitHub's list of the files of ${pullRequestName(ref)} does not show its head yet`, listLagMs)
}
