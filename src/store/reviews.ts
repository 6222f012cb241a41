// The read side: what the API and the pages show.
import type { ReviewId } from '../review/ids.ts'
import type { Database } from './database.ts'
import { ms } from './fragments.ts'
import type {
  FindingRow,
  Patches,
  QueueCounts,
  ReviewDetail,
  ReviewEvents,
  ReviewFilter,
  ReviewPage,
  ReviewRow,
  SpanRow,
  WorkerRow,
} from './review-row.ts'

export interface Reviews {
  /** Newest first. */
  listReviews(filter: ReviewFilter): Promise<ReviewPage>
  readReview(id: ReviewId): Promise<ReviewDetail | undefined>
  /** The row and the spans written after `eventSeq`, which may be any whole number. */
  eventsSince(id: ReviewId, eventSeq: number): Promise<ReviewEvents | undefined>
  /** GitHub's patches of these files as the review read them. Those that are not kept any more are missing. */
  readPatches(id: ReviewId, paths: readonly string[]): Promise<Patches>
  /** With the workers that are alive: the row of one that was killed stays for a day. */
  queueCounts(leaseMs: number): Promise<QueueCounts>
}

export function createReviews(db: Database): Reviews {
  return {
    listReviews: (filter) => listReviews(db, filter),
    async readReview(id) {
      const read = await readEvents(db, id, 0)
      if (!read) return undefined
      const spans = read.spans.toSorted((a, b) => Number(a.id) - Number(b.id))
      return { review: read.review, findings: await readFindings(db, id), spans }
    },
    eventsSince: (id, eventSeq) => readEvents(db, id, eventSeq),
    readPatches: (id, paths) => readPatches(db, id, paths),
    queueCounts: (leaseMs) => queueCounts(db, leaseMs),
  }
}

const tokensObject = `json_build_object('input', tokens_in, 'output', tokens_out, 'cached', tokens_cached)`

const reviewColumns = `id::text as id, owner, repo, number, title, author, head_sha as "headSha", base_ref as "baseRef",
  kind, trigger, status, coverage, verdict, delivery, reason, error, epoch, generation, attempts, crashes, worker,
  not_before as "notBefore", created_at as "createdAt", started_at as "startedAt", finished_at as "finishedAt",
  github_review_id::float8 as "githubReviewId", summary, files_read as "filesRead", left_out as "leftOut",
  ${tokensObject} as tokens, cost_usd::float8 as "costUsd", event_seq as "eventSeq",
  case when generation > 0 then waiting_since else created_at end as "askedAt",
  (select count(*)::int from findings where review_id = reviews.id and not held_back) as findings`

async function listReviews(db: Database, filter: ReviewFilter): Promise<ReviewPage> {
  const { cursor, limit, repo, status } = filter
  const rows = await db.query<ReviewRow>(
    `select ${reviewColumns} from reviews
     where ($1::text is null or status = $1) and ($2::text is null or lower(owner || '/' || repo) = lower($2))
       and ($3::bigint is null or reviews.id < $3)
     order by reviews.id desc limit $4`,
    // One more than asked for tells whether there is a next page.
    [status, repo, cursor, limit + 1],
  )
  const reviews = rows.slice(0, limit)
  return { reviews, cursor: rows.length > limit ? (reviews.at(-1)?.id ?? null) : null }
}

/** The row first: spans written in between come along with a higher event_seq, and none is passed over. */
async function readEvents(db: Database, id: ReviewId, eventSeq: number): Promise<ReviewEvents | undefined> {
  const [review] = await db.query<ReviewRow>(`select ${reviewColumns} from reviews where id = $1`, [id])
  if (!review) return undefined
  const spans = await db.query<SpanRow>(
    `select s.id::text as id, s.key, s.generation, s.epoch, s.worker, s.started_at as "startedAt",
       s.ended_at as "endedAt", s.cost_usd::float8 as "costUsd", s.error, s.served, s.event_seq as "eventSeq",
       json_build_object('input', s.tokens_in, 'output', s.tokens_out, 'cached', s.tokens_cached) as tokens,
       case when s.status = 'running' and (r.status <> 'running' or r.epoch <> s.epoch) then 'lost'
         else s.status end as status
     from spans s join reviews r on r.id = s.review_id
     where s.review_id = $1 and s.event_seq > $2::bigint order by s.event_seq`,
    [id, eventSeq],
  )
  return { review, spans }
}

function readFindings(db: Database, id: ReviewId): Promise<FindingRow[]> {
  return db.query<FindingRow>(
    `select reviewer, severity, path, line, start_line as "startLine", side, quote, title, body, suggestion, placement,
       verification
     from findings where review_id = $1 order by ordinal`,
    [id],
  )
}

/** Far above what people read, and little enough to be taken out of the journal for each look at a page. */
const maxChangeBytes = 8 * 1024 * 1024

/** Searched here and not in SQL: there, one \u0000 in any patch would fail the whole query. */
async function readPatches(db: Database, id: ReviewId, paths: readonly string[]): Promise<Patches> {
  if (paths.length === 0) return new Map()
  const [change] = await db.query<{ output: { files?: { path: string; patch?: string }[] } | null }>(
    `select output from spans
     where review_id = $1 and key like 'change:%' and status = 'finished' and octet_length(output::text) <= $2
     order by id desc limit 1`,
    [id, maxChangeBytes],
  )
  const files = change?.output?.files ?? []
  return new Map(
    files.flatMap(({ patch, path }) => (patch !== undefined && paths.includes(path) ? [[path, patch]] : [])),
  )
}

async function queueCounts(db: Database, leaseMs: number): Promise<QueueCounts> {
  const [counts] = await db.query<Omit<QueueCounts, 'workers'>>(
    `select
       count(*) filter (where status in ('queued', 'retrying') and coalesce(not_before <= now(), true))::int as waiting,
       count(*) filter (where status in ('queued', 'retrying') and not_before > now())::int as "dueLater",
       count(*) filter (where status = 'running')::int as running,
       count(*) filter (where status = 'failed')::int as failed
     from reviews where status in ('queued', 'retrying', 'running', 'failed')`,
  )
  const workers = await db.query<WorkerRow>(
    `select name, slots, started_at as "startedAt", loop_turned_at as "loopTurnedAt" from workers
     where loop_turned_at > now() - ${ms('$1')} order by name`,
    [leaseMs],
  )
  return { ...(counts ?? { waiting: 0, dueLater: 0, running: 0, failed: 0 }), workers }
}
