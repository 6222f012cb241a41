// Which rows ought to be on the stream, and in which order they go. Fairness is admission: what is not admitted waits as a row.
import type { ReviewId } from '../review/ids.ts'
import type { Queryable } from './database.ts'
import { live, ms } from './fragments.ts'

export interface Admission {
  limit: number
  leaseMs: number
  /** Of all live workers together. */
  slots: number
}

/** How many reviews the workers that are alive can run at once. */
export async function liveSlots(db: Queryable, leaseMs: number): Promise<number> {
  const [row] = await db.query<{ slots: number }>(
    `select coalesce(sum(slots), 0)::int as slots from workers where loop_turned_at > now() - ${ms('$1')}`,
    [leaseMs],
  )
  return row?.slots ?? 0
}

/**
 * What the stream has lost goes first, then what a person asked for, then the installations in turn: whoever runs least is
 * next, the oldest row of each first. An installation gets at most half of the slots while another one has due rows.
 *
 * Rows that are on the stream already are among them: enqueueing those changes nothing. Queued rows count as soon as they
 * are due. The others are pending entries that the queue takes over by itself, so they get time for that: a retry one lease
 * after it was due, a silent owner two leases.
 */
export async function dueReviews(db: Queryable, { leaseMs, limit, slots }: Admission): Promise<ReviewId[]> {
  const rows = await db.query<{ id: ReviewId }>(
    `with alive as (
       select id, installation_id, waiting_since, status,
         not in_bulk and (trigger in ('command', 'api') or generation > 0) as asked,
         case status
           when 'queued' then coalesce(not_before <= now(), true)
           when 'retrying' then coalesce(not_before <= now() - ${ms('$2')}, true)
           else coalesce(beat_at < now() - 2 * ${ms('$2')}, true) end as due
       from reviews where status in ${live}),
     ranked as (
       select *, count(*) filter (where status = 'running' and not due) over (partition by installation_id)
         + row_number() over (partition by installation_id
           order by due desc, status = 'queued', asked desc, waiting_since, id) as turn
       from alive)
     select id::text as id from ranked
     where due and (status <> 'queued' or asked or turn <= greatest($3::int / 2, 1)
       or (select count(distinct installation_id) from alive where due) = 1)
     order by status = 'queued', asked desc, turn, waiting_since, ranked.id limit $1`,
    [limit, leaseMs, slots],
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
