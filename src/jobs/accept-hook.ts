// From a verified delivery to a recorded review. The answer to GitHub depends on Postgres only.
import type { ReviewId } from '../review/ids.ts'
import type { Hook } from './hook.ts'
import type { Log } from './ports.ts'

export type Recorded =
  | { kind: 'recorded'; reviewId: ReviewId }
  /** A known delivery whose review waits, or has failed and waits again. */
  | { kind: 'again'; reviewId: ReviewId }
  | { kind: 'known' }
  /** Older than what is known of the pull request. */
  | { kind: 'stale' }
  | { kind: 'closed'; reviewIds: ReviewId[] }
  /** Access ended or names changed, for so many reviews. */
  | { kind: 'access'; reviews: number }

export interface AcceptDeps {
  /** One transaction. Rejects when Postgres cannot commit it. */
  recordHook(hook: Hook): Promise<Recorded>
  /** Lets `promote` look at the rows now. Not waited for: the row is committed, and that is what counts. */
  promoteSoon(): void
  log: Log
}

export async function acceptHook(hook: Hook, deps: AcceptDeps): Promise<Recorded> {
  const recorded = await deps.recordHook(hook)
  const fields = { delivery: hook.deliveryId, event: hook.event, action: hook.action }
  deps.log.info({ ...fields, ...recorded }, 'delivery recorded')
  deps.promoteSoon()
  return recorded
}
