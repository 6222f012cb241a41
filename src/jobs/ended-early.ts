import type { Outcome } from '../review/outcome.ts'
import type { PullRequestRef, PullRequestState } from '../review/pull-request.ts'

/** Why there is nothing to review at this head any more, or `undefined` when there is. Asked before reading and before posting. */
export function endedEarly(ref: PullRequestRef, state: PullRequestState): Outcome | undefined {
  if (!state.open) return { kind: 'cancelled', reason: 'The pull request is closed.' }
  if (state.locked) return { kind: 'cancelled', reason: 'The conversation is locked.' }
  if (state.headSha !== ref.headSha)
    return { kind: 'superseded', by: state.headSha, reason: 'A newer commit was pushed.' }
  if (state.baseRef !== ref.baseRef) return { kind: 'superseded', reason: 'The base branch was changed.' }
  return undefined
}
