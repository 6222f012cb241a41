// Which rows ought to be on the stream, and in which order they go. Fairness is admission: what is not admitted waits as a row.
// What was admitted before and comes back (parked, or between two tries) is not admitted again; it gives way when it is claimed.
import type { ReviewId } from '../review/ids.ts'
import type { Queryable } from './database.ts'
import { live, ms } from './fragments.ts'

export interface Admission {
  /** Of new rows, and again of those that come back. */
  limit: number
  leaseMs: number
  /** Of all live workers together. */
  slots: number
}

const dueNow = `coalesce(not_before <= now(), true)`

/** Nobody has begun it in this generation: it comes onto the stream by admission only. */
const fresh = `(status = 'queued' and started_at is null)`

/** By a person, and this one review: not one of many that are tried again together. */
const asked = `(not in_bulk and (trigger in ('command', 'api') or generation > 0))`

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
 * Rows that are on the stream already are among them: enqueueing those changes nothing. Any number of rows that come back may
 * be there, so new rows have turns and a limit of their own. Queued rows count as soon as they are due. The others are pending
 * entries that the queue takes over by itself, so they get time for that: a retry one lease after it was due, a silent owner
 * two leases.
 */
export async function dueReviews(db: Queryable, { leaseMs, limit, slots }: Admission): Promise<ReviewId[]> {
  const rows = await db.query<{ id: ReviewId }>(
    `with alive as (
       select id, installation_id, waiting_since, status, ${fresh} as fresh, ${asked} as asked,
         case status
           when 'queued' then ${dueNow}
           when 'retrying' then coalesce(not_before <= now() - ${ms('$2')}, true)
           else coalesce(beat_at < now() - 2 * ${ms('$2')}, true) end as due
       from reviews where status in ${live}),
     ranked as (
       select *, count(*) filter (where status = 'running' and not due) over (partition by installation_id)
         + row_number() over (partition by installation_id, fresh
           order by due desc, status = 'queued', asked desc, waiting_since, id) as turn
       from alive),
     placed as (
       select *, row_number() over (partition by fresh order by status = 'queued', asked desc, turn, waiting_since, id) as place
       from ranked
       where due and (status <> 'queued' or asked or turn <= greatest($3::int / 2, 1)
         or (select count(distinct installation_id) from alive where due) = 1))
     select id::text as id from placed where place <= $1
     order by status = 'queued', asked desc, turn, waiting_since, placed.id`,
    [limit, leaseMs, slots],
  )
  return rows.map((row) => row.id)
}

/**
 * Whether a row that comes back lets another installation go first: one of which less runs, and that has new rows. Where nothing of
 * its own runs it does not, so an installation can always go on. Nobody gives way for long, and no slot stays free: what runs less
 * is below half of the slots while one is free, so `promote` admits it.
 */
export async function givesWay(db: Queryable, id: ReviewId): Promise<boolean> {
  const rows = await db.query(
    `with turns as (
       select installation_id, count(*) filter (where status = 'running') as runs,
         bool_or(${fresh} and ${dueNow}) as waits
       from reviews where status in ${live} group by installation_id)
     select 1 from reviews join turns mine using (installation_id) join turns other on other.waits and other.runs < mine.runs
     where reviews.id = $1 and not ${asked} limit 1`,
    [id],
  )
  return rows.length > 0
}

/**
 * Every running row falls silent at once, and counts a crash: the process that ran it would have handed it back, had it not died.
 * Only where nobody else can be running: at the start of the one process that has the database to itself.
 */
export async function silenceRunning(db: Queryable): Promise<void> {
  await db.query(
    `update reviews set beat_at = null, crashes = crashes + 1 where status = 'running' and beat_at is not null`,
  )
}
