// Which rows ought to be on the stream. Too many does no harm: enqueueing what is there already changes nothing.
import type { ReviewId } from '../review/ids.ts'
import type { Queryable } from './database.ts'
import { live, ms } from './fragments.ts'

/**
 * Oldest first, at most `limit`. Queued rows count as soon as they are due. The others are pending entries that the queue
 * takes over by itself, so they get time for that: a retry one lease after it was due, a silent owner two leases.
 */
export async function dueReviews(db: Queryable, limit: number, leaseMs: number): Promise<ReviewId[]> {
  const rows = await db.query<{ id: ReviewId }>(
    `select id::text as id from reviews
     where status in ${live} and case status
       when 'queued' then coalesce(not_before <= now(), true)
       when 'retrying' then coalesce(not_before <= now() - ${ms('$2')}, true)
       else coalesce(beat_at < now() - 2 * ${ms('$2')}, true) end
     order by reviews.id limit $1`,
    [limit, leaseMs],
  )
  return rows.map((row) => row.id)
}

/**
 * Every running row falls silent at once, and no crash is counted. Only where nobody else can be running: at the start of
 * the one process that has the database to itself.
 */
export async function silenceRunning(db: Queryable): Promise<void> {
  await db.query(`update reviews set beat_at = null where status = 'running'`)
}
