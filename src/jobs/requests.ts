// What a person may ask for, through the API or the dashboard.
import { ClosedDoorError, UserError } from '../review/errors.ts'
import type { ReviewId } from '../review/ids.ts'
import type { Trigger } from './hook.ts'
import type { PullRequestRef } from '../review/pull-request.ts'

export interface Located {
  ref: PullRequestRef
  title: string
  author: string
}

export interface PersonDeps {
  /** Throws `ClosedDoorError` when the App cannot see the pull request. */
  locate(address: { owner: string; repo: string; number: number }): Promise<Located>
  recordRequest(
    head: Located & { trigger: Trigger; updatedAt: null },
  ): Promise<{ kind: 'recorded' | 'known'; reviewId: ReviewId }>
  retryReview(id: ReviewId): Promise<boolean>
  cancelReview(id: ReviewId, reason: string): Promise<boolean>
  exists(id: ReviewId): Promise<boolean>
  /** Lets `promote` look at the rows now. */
  promoteSoon(): void
}

export type Requested = { kind: 'queued'; id: ReviewId } | { kind: 'refused'; reason: string }
export type Changed = { kind: 'done' } | { kind: 'unknown' } | { kind: 'refused'; reason: string }

/** A review of the pull request as GitHub has it now. One that waits, runs or was published is answered as it is. */
export async function requestReview(
  address: { owner: string; repo: string; number: number },
  deps: PersonDeps,
): Promise<Requested> {
  try {
    const located = await deps.locate(address)
    const { reviewId } = await deps.recordRequest({ ...located, trigger: 'api', updatedAt: null })
    deps.promoteSoon()
    return { kind: 'queued', id: reviewId }
  } catch (error) {
    if (error instanceof ClosedDoorError || error instanceof UserError)
      return { kind: 'refused', reason: error.message }
    throw error
  }
}

export async function retryReview(id: ReviewId, deps: PersonDeps): Promise<Changed> {
  if (await deps.retryReview(id)) {
    deps.promoteSoon()
    return { kind: 'done' }
  }
  if (!(await deps.exists(id))) return { kind: 'unknown' }
  return {
    kind: 'refused',
    reason:
      'Only a review that failed, was skipped or was cancelled can be tried again, and only while no other one has the same head.',
  }
}

export async function cancelReview(id: ReviewId, deps: PersonDeps): Promise<Changed> {
  if (await deps.cancelReview(id, 'A person cancelled it.')) return { kind: 'done' }
  if (!(await deps.exists(id))) return { kind: 'unknown' }
  return { kind: 'refused', reason: 'The review has ended already.' }
}
