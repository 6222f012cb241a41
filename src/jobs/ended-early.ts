import type { Outcome } from '../review/outcome.ts'
import { wording } from '../review/wording.ts'
import type { PullRequestRef, PullRequestState } from '../review/pull-request.ts'

/** Why there is nothing to review at this head any more, or `undefined` when there is. Asked before reading and before posting. */
export function endedEarly(ref: PullRequestRef, state: PullRequestState): Outcome | undefined {
  if (!state.open) return { kind: 'cancelled', reason: wording.reason.closed }
  if (state.locked) return { kind: 'cancelled', reason: wording.reason.locked }
  const { baseRef, headSha } = state
  const by = { headSha, baseRef }
  if (headSha !== ref.headSha) return { kind: 'superseded', by, reason: wording.reason.newerCommit(headSha) }
  if (baseRef !== ref.baseRef) return { kind: 'superseded', by, reason: wording.reason.otherBase }
  return undefined
}
