// From a hook to rows, in one transaction: when it is committed, GitHub may forget the delivery.
//
// What must always hold: a GUID counts once; hooks of one pull request are taken one after the other, whatever order they
// come in; an older one than what is known adds only its GUID.
//
// The locks, always in this order, so that nobody waits in a circle: the delivery's row, the pull request's, the reviews'.
//
// The races:
// - The same GUID twice at once: the second insert waits for the first transaction and then finds the row.
// - Two hooks of the same second: GitHub's time cannot order them. The later arrival wins; its job reads the real head and
//   records it if that was the wrong one.
// - But a close never wins over what came before it of the same second: it may be the one before a reopening, and nobody would look
//   at the cancelled row again. If the close was the last of them, the live row's job finds the pull request closed, and ends.
//   One that was made a draft in the very second of a push is reviewed all the same: rather one too many than one too few.
import type { Recorded } from '../jobs/accept-hook.ts'
import type { CloseHook, Hook, ReviewHook } from '../jobs/hook.ts'
import type { DeliveryId, ReviewId } from '../review/ids.ts'
import { type Status, unreachable } from '../review/outcome.ts'
import type { Database, Queryable } from './database.ts'
import { live, noteChange } from './fragments.ts'
import { type Head, recordHead, touchPullRequest } from './record-head.ts'
import { recordAccess } from './github/access.ts'
import { createRequests, type Requests, retryReview } from './requests.ts'

export interface Intake extends Requests {
  recordHook(hook: Hook): Promise<Recorded>
  /** Forgets GUIDs after 8 days, well after GitHub's three days of redelivery. Answers how many. */
  forgetDeliveries(): Promise<number>
}

/** A push waits `gatherMs` for the next one; everything else is due at once. */
export function createIntake(db: Database, gatherMs = 0): Intake {
  return {
    ...createRequests(db),
    recordHook: (hook) => db.transaction((tx) => recordHook(tx, hook, gatherMs)),
    async forgetDeliveries() {
      const forgotten = await db.query(
        `delete from deliveries where received_at < now() - interval '8 days' returning guid`,
      )
      return forgotten.length
    },
  }
}

async function recordHook(tx: Queryable, hook: Hook, gatherMs: number): Promise<Recorded> {
  const added = await tx.query(
    `insert into deliveries (guid, event, action) values ($1, $2, $3) on conflict (guid) do nothing returning guid`,
    [hook.deliveryId, hook.event, hook.action],
  )
  if (added.length === 0) return recordAgain(tx, hook.deliveryId)
  switch (hook.kind) {
    case 'review':
      return recordReview(tx, hook.action === 'synchronize' ? { ...hook, gatherMs } : hook)
    case 'close':
      return closePullRequest(tx, hook)
    case 'pause':
    case 'purge':
    case 'rename':
      return { kind: 'access', reviews: await recordAccess(tx, hook) }
    default:
      return unreachable(hook)
  }
}

/** Somebody pressed Redeliver, or GitHub sent it twice. */
async function recordAgain(tx: Queryable, guid: DeliveryId): Promise<Recorded> {
  const [review] = await tx.query<{ id: ReviewId; status: Status }>(
    `select r.id::text as id, r.status from deliveries d join reviews r on r.id = d.review_id where d.guid = $1`,
    [guid],
  )
  const again = review?.status === 'queued' || (review?.status === 'failed' && (await retryReview(tx, review.id)))
  return again ? { kind: 'again', reviewId: review.id } : { kind: 'known' }
}

async function recordReview(tx: Queryable, hook: ReviewHook & Head): Promise<Recorded> {
  if (!(await touchPullRequest(tx, hook))) return { kind: 'stale' }
  const { kind, reviewId } = await recordHead(tx, hook)
  await tx.query('update deliveries set review_id = $2 where guid = $1', [hook.deliveryId, reviewId])
  return kind === 'recorded' ? { kind, reviewId } : { kind }
}

async function closePullRequest(tx: Queryable, hook: CloseHook): Promise<Recorded> {
  const key = [hook.repositoryId, hook.number]
  const [known] = await tx.query<{ asNew: boolean | null }>(
    `select pr_updated_at >= $3 as "asNew" from pull_requests where repository_id = $1 and number = $2 for update`,
    [...key, hook.updatedAt],
  )
  if (known?.asNew) return { kind: 'stale' }
  await tx.query(
    `update pull_requests set seq = seq + 1, pr_updated_at = $3 where repository_id = $1 and number = $2`,
    [...key, hook.updatedAt],
  )
  const cancelled = await tx.query<{ id: ReviewId }>(
    `update reviews set status = 'cancelled', epoch = epoch + 1, finished_at = now(), not_before = null, reason = $3,
       error = null, ${noteChange}
     where repository_id = $1 and number = $2 and kind = 'pull_request' and status in ${live} returning id::text as id`,
    [...key, hook.reason],
  )
  return { kind: 'closed', reviewIds: cancelled.map((one) => one.id) }
}
