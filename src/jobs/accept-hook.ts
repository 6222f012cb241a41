// From a verified delivery to a recorded review. The answer to GitHub depends on Postgres only.
import type { Queue } from '../queue/queue.ts'
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

export interface AcceptDeps {
  /** One transaction. Rejects when Postgres cannot commit it. */
  recordHook(hook: Hook): Promise<Recorded>
  queue: Pick<Queue, 'enqueue'>
  log: Log
}

/** Enqueueing gets this long; what did not reach the stream, `promote` puts there. */
const enqueueWithinMs = 300

export async function acceptHook(hook: Hook, deps: AcceptDeps): Promise<Recorded> {
  const recorded = await deps.recordHook(hook)
  const fields = { delivery: hook.deliveryId, event: hook.event, action: hook.action }
  deps.log.info({ ...fields, ...recorded }, 'delivery recorded')
  if (recorded.kind === 'recorded' || recorded.kind === 'again') await enqueueSoon(recorded.reviewId, deps)
  return recorded
}

/** Never throws and never takes long: the row is committed, and that is what counts. */
export async function enqueueSoon(id: ReviewId, deps: Pick<AcceptDeps, 'queue' | 'log'>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, enqueueWithinMs)
  const enqueued = deps.queue.enqueue(id).then(
    () => resolve(),
    (error: unknown) => {
      deps.log.warn({ review: id, err: error }, 'review recorded but not enqueued yet')
      resolve()
    },
  )
  await Promise.race([enqueued, promise])
  clearTimeout(timer)
}
