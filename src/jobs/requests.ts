// What a person may ask for, through the API or the dashboard.
import { ClosedDoorError, UserError } from '../review/errors.ts'
import type { ReviewId } from '../review/ids.ts'
import type { Trigger } from './hook.ts'
import type { Log } from './ports.ts'
import type { PullRequestRef } from '../review/pull-request.ts'

export interface Located {
  ref: PullRequestRef
  title: string
  author: string
}

/** What is tried again `alone` goes ahead of the others; one of `many` keeps to its installation's turns. */
export type Among = 'alone' | 'many'

export interface PersonDeps {
  /** Throws `ClosedDoorError` when the App cannot see the pull request. */
  locate(address: { owner: string; repo: string; number: number }): Promise<Located>
  recordRequest(
    head: Located & { trigger: Trigger; updatedAt: null },
  ): Promise<{ kind: 'recorded' | 'known'; reviewId: ReviewId }>
  retryReview(id: ReviewId, among: Among): Promise<boolean>
  cancelReview(id: ReviewId, reason: string): Promise<boolean>
  exists(id: ReviewId): Promise<boolean>
  /** Lets `promote` look at the rows now. */
  promoteSoon(): void
  log: Pick<Log, 'warn'>
}

export type Requested = { kind: 'queued'; id: ReviewId } | { kind: 'refused'; reason: string }
export type Changed = { kind: 'done' } | { kind: 'unknown' } | { kind: 'refused'; reason: string }

/** A review of the pull request as GitHub has it now. One that waits, runs or was published is answered as it is. */
export async function requestReview(
  address: { owner: string; repo: string; number: number },
  deps: PersonDeps,
): Promise<Requested> {
  const located = await locate(address, deps)
  if ('kind' in located) return located
  const { reviewId } = await deps.recordRequest({ ...located, trigger: 'api', updatedAt: null })
  deps.promoteSoon()
  return { kind: 'queued', id: reviewId }
}

/** Whatever keeps us from the pull request is told to whoever asked: they can look at the address, or try again later. */
async function locate(address: Parameters<PersonDeps['locate']>[0], deps: PersonDeps): Promise<Located | Requested> {
  try {
    return await deps.locate(address)
  } catch (error) {
    if (error instanceof ClosedDoorError || error instanceof UserError)
      return { kind: 'refused', reason: error.message }
    deps.log.warn({ ...address, err: error }, 'a pull request could not be looked up')
    return { kind: 'refused', reason: 'GitHub could not be asked for this pull request. Try again; the log says more.' }
  }
}

export async function retryReview(id: ReviewId, among: Among, deps: PersonDeps): Promise<Changed> {
  if (await deps.retryReview(id, among)) {
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
