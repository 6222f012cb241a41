// The queue as a person looks at it: what waits, what runs, what comes later, what failed, and who works.
import type { ReviewId } from '../../review/ids.ts'
import type { Database } from '../database.ts'
import { live, ms } from '../fragments.ts'
import type { WorkerRow } from '../review-row.ts'

/** Where a row stands. `later`: not due yet. */
export type Place = 'waiting' | 'running' | 'later' | 'failed'

/** One review in the queue. Dates are Postgres's clock. */
export interface QueuedReview {
  place: Place
  /** Of all rows at this place. */
  total: number
  id: ReviewId
  owner: string
  repo: string
  number: number
  title: string
  /** What it waits for, in a sentence. */
  reason: string | null
  error: string | null
  attempts: number
  epoch: number
  worker: string | null
  waitingSince: Date
  notBefore: Date | null
  startedAt: Date | null
  beatAt: Date | null
  /** Of a running one: when somebody else may take it over without another beat. */
  leaseUntil: Date | null
  finishedAt: Date | null
}

/** What is known of a sweep. */
export interface SweepRow {
  name: string
  /** Who led it last. */
  holder: string
  /** When its last turn ended, how long that took, what the last one did that did not fail, and why the last one failed. */
  ranAt: Date | null
  tookMs: number | null
  did: Record<string, number>
  error: string | null
  /** Up to where everything was read, where it goes by time; what is not settled is among what it counts. */
  mark: Date | null
}

/** Open, and older than the App's access or too old to catch up: a person may ask for it. */
export interface UnreviewedPull {
  /** Of all of them. */
  total: number
  owner: string
  repo: string
  number: number
  title: string
  author: string
  updatedAt: Date
}

export interface QueueLook {
  /** The first `rowsShown` of each place, in the order in which a person wants them. */
  reviews: QueuedReview[]
  workers: WorkerRow[]
  sweeps: SweepRow[]
  /** The first `rowsShown`, the last changed first. */
  unreviewed: UnreviewedPull[]
}

/** Of each place. Whoever has more of them looks at the list. */
const rowsShown = 50

/** Waiting and running: the longest first. Later: the next first. Failed: the last first. */
export async function lookAtQueue(db: Database, leaseMs: number): Promise<QueueLook> {
  const reviews = await db.query<QueuedReview>(
    `select place, total, id::text as id, owner, repo, number, title, reason, error, attempts, epoch, worker,
       waiting_since as "waitingSince", not_before as "notBefore", started_at as "startedAt", beat_at as "beatAt",
       beat_at + ${ms('$2')} as "leaseUntil", finished_at as "finishedAt"
     from (select *, count(*) over (partition by place)::int as total,
         row_number() over (partition by place order by at, reviews_placed.id) as turn
       from (select reviews.*,
           case when status in ('running', 'failed') then status when not_before > now() then 'later' else 'waiting' end as place,
           case when status = 'running' then extract(epoch from started_at)
             when status = 'failed' then -extract(epoch from finished_at)
             when not_before > now() then extract(epoch from not_before)
             else extract(epoch from waiting_since) end as at
         from reviews where status in ${live} or status = 'failed') reviews_placed) ranked
     where turn <= $1 order by place, turn`,
    [rowsShown, leaseMs],
  )
  const workers = await db.query<WorkerRow>(
    `select name, slots, started_at as "startedAt", loop_turned_at as "loopTurnedAt" from workers order by name`,
  )
  const sweeps = await db.query<SweepRow>(
    `select name, holder, ran_at as "ranAt", took_ms as "tookMs", did, error, mark
     from leader left join sweep_marks using (name) order by name`,
  )
  const unreviewed = await db.query<UnreviewedPull>(
    `select count(*) over ()::int as total, owner, repo, number, title, author, pr_updated_at as "updatedAt"
     from unreviewed_pull_requests u join repositories using (repository_id)
     where not exists (select 1 from reviews r where r.repository_id = u.repository_id and r.number = u.number
       and r.head_sha = u.head_sha and r.installation_id <> 0 and not r.paused)
     order by pr_updated_at desc, number limit $1`,
    [rowsShown],
  )
  return { reviews, workers, sweeps, unreviewed }
}

/** The last that failed. */
export async function failedReviews(db: Database, atMost: number): Promise<ReviewId[]> {
  const rows = await db.query<{ id: ReviewId }>(
    `select id::text as id from reviews where status = 'failed' order by reviews.id desc limit $1`,
    [atMost],
  )
  return rows.map((row) => row.id)
}
