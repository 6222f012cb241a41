// The numbers that an operator watches, all of them from the record: whichever process is asked, the answer is the same.
import type { Status } from '../../review/outcome.ts'
import type { Database } from '../database.ts'
import { live, ms } from '../fragments.ts'

export interface Figures {
  reviews: { status: Status; count: number }[]
  backlog: Backlog
  workers: Workers
  paid: { input: number; output: number; cached: number; costUsd: number }
  steps: StepFigures[]
  /** Content written in the last hour. */
  writes: { installation: string; count: number }[]
  sweeps: SweepFigures[]
  rejectedEntries: number
}

export interface Backlog {
  /** Due, and not running. */
  due: number
  later: number
  /** 0 when nothing is due. */
  oldestSeconds: number
  /** Running without a sign of life for a lease. */
  silent: number
  /** Of installations only. */
  checkRunsDue: number
  /** Due ones that GitHub has not taken at least once. */
  checkRunsRefused: number
  /** Of the last day: GitHub does not let us show them, so nobody tries until the row changes. */
  checkRunsGivenUp: number
}

export interface Workers {
  alive: number
  /** Neither alive nor stopped cleanly. Forgotten after a day. */
  silent: number
  /** Of those alive. */
  slots: number
  /** The oldest sign of life of those alive. */
  loopAgeSeconds: number
}

/** Of the last turn, but for `failures`. */
export interface SweepFigures {
  name: string
  /** Since its end, well or not. */
  ageSeconds: number
  seconds: number
  /** Of the last turn that went well. */
  did: Record<string, number>
  /** Turns that failed, ever. */
  failures: number
}

/** Ended runs of one kind of step. */
export interface StepFigures {
  /** The key up to its first colon: `change`, `checks`, `model`. */
  kind: string
  status: 'finished' | 'failed'
  count: number
  seconds: number
  /** How many took at most so long, for each of `stepBounds`. */
  within: number[]
  /** How often the stored output was returned instead of running the step again. */
  served: number
}

/** In seconds. A model's answer takes most of them. */
export const stepBounds = [0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300]

export async function readFigures(db: Database, leaseMs: number): Promise<Figures> {
  const [reviews, [backlog], [workers], [paid], steps, writes, sweeps, [rejected]] = await Promise.all([
    db.query<Figures['reviews'][number]>(`select status, count(*)::int as count from reviews group by status`),
    db.query<Backlog>(backlogQuery, [leaseMs]),
    db.query<Workers>(workersQuery, [leaseMs]),
    db.query<Figures['paid']>(
      `select coalesce(sum(tokens_in), 0)::float8 as input, coalesce(sum(tokens_out), 0)::float8 as output,
         coalesce(sum(tokens_cached), 0)::float8 as cached, coalesce(sum(cost_usd), 0)::float8 as "costUsd" from reviews`,
    ),
    db.query<StepFigures>(stepsQuery),
    db.query<Figures['writes'][number]>(
      `select installation_id::text as installation,
         (select count(*)::int from unnest(at) as one where one > now() - interval '1 hour') as count from github_writes`,
    ),
    db.query<SweepFigures>(
      `select name, extract(epoch from now() - ran_at)::float8 as "ageSeconds", took_ms / 1000.0::float8 as seconds, did, failures
       from leader where ran_at is not null order by name`,
    ),
    db.query<{ count: number }>(`select count(*)::int as count from rejected_entries`),
  ])
  if (!backlog || !workers || !paid || !rejected) throw new Error('a query that counts returned no row')
  return { reviews, backlog, workers, paid, steps, writes, sweeps, rejectedEntries: rejected.count }
}

/** Live rows and rows with a check run due: both have an index. */
const backlogQuery = `select
  count(*) filter (where waits and due)::int as due, count(*) filter (where waits and not due)::int as later,
  coalesce(max(extract(epoch from now() - coalesce(not_before, waiting_since))) filter (where waits and due), 0)::float8
    as "oldestSeconds",
  count(*) filter (where status = 'running' and coalesce(beat_at < now() - ${ms('$1')}, true))::int as silent,
  (select count(*)::int from reviews where check_due) as "checkRunsDue",
  (select count(*)::int from reviews where check_due and check_error is not null) as "checkRunsRefused",
  (select count(*)::int from reviews where not check_due and check_error is not null
    and finished_at > now() - interval '1 day') as "checkRunsGivenUp"
  from (select *, status <> 'running' as waits, coalesce(not_before <= now(), true) as due
    from reviews where status in ${live}) alive`

const workersQuery = `select
  count(*) filter (where alive)::int as alive, count(*) filter (where not alive)::int as silent,
  coalesce(sum(slots) filter (where alive), 0)::int as slots,
  coalesce(max(extract(epoch from now() - loop_turned_at)) filter (where alive), 0)::float8 as "loopAgeSeconds"
  from (select *, loop_turned_at > now() - ${ms('$1')} as alive from workers) known`

/** The whole journal, but none of what the steps said. Asking how long a request may be is no answer of the model. */
const stepsQuery = `select kind, status, count(*)::int as count, sum(seconds)::float8 as seconds, sum(served)::int as served,
  json_build_array(${stepBounds.map((bound) => `count(*) filter (where seconds <= ${bound})`).join(', ')}) as within
  from (select case key when 'model:context' then 'context' else split_part(key, ':', 1) end as kind, status, served,
      extract(epoch from ended_at - started_at) as seconds from spans where status in ('finished', 'failed')) ended
  group by kind, status order by kind, status`
