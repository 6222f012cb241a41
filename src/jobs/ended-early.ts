import type { Outcome } from '../review/outcome.ts'
import { wording } from '../review/wording.ts'
import type { PullRequestRef, PullRequestState } from '../review/pull-request.ts'

/** Why there is nothing to review at this head any more, or `undefined` when there is. Asked before reading and before posting. */
export function endedEarly(ref: PullRequestRef, state: PullRequestState): Outcome | undefined {
  if (!state.open) return { kind: 'cancelled', reason: wording.reason.closed }
  if (state.locked) return { kind: 'cancelled', reason: wording.reason.locked }
  if (state.headSha !== ref.headSha)
    return { kind: 'superseded', by: state.headSha, reason: wording.reason.newerCommit(state.headSha) }
  if (state.baseRef !== ref.baseRef) return { kind: 'superseded', reason: wording.reason.otherBase }
  return undefined
}
