// Who may run a review's row, and who is still alive.
//
// What must always hold: the epoch goes up with every claim, so at most one owner's writes count. A running row is taken
// over only when its last beat is older than a lease by Postgres's clock, the only clock that every worker shares.
//
// Crashes: a take-over counts as one only when it is known that a worker died. Its own sign of life must be a lease old
// too (else it merely lost this row), and the claimer's signs must have come without a gap for a lease (else it was Postgres
// that was away, and everybody looks dead). A claimer that cannot know yet, because it has just started, waits until it
// does: a job that kills every worker it meets would otherwise never be counted. A process that has the database to itself knows
// at its start (`silenceRunning`).
import type { ClaimedReview, ClaimStore, Owner, ReviewClaim } from '../jobs/ports.ts'
import type { ReviewId } from '../review/ids.ts'
import type { Publication } from '../review/publication.ts'
import type { Database, Queryable } from './database.ts'
import { givesWay } from './dispatch.ts'
import { fenceOf, live, ms, noteChange, noteChangeBut, refObject, stillMine } from './fragments.ts'

export interface ClaimOptions {
  /** A row is silent when its last beat is older. */
  leaseMs: number
  /** The claim that counts this many crashes fails the row instead. */
  maxCrashes: number
}

/** Signs of life of whole workers, beside those of their reviews. */
export interface WorkerRows {
  /** Call at least every third of a lease while the worker's loop turns. */
  beatWorker(name: string, slots: number): Promise<void>
  /** At a clean stop. */
  removeWorker(name: string): Promise<void>
}

interface Claim extends ClaimOptions {
  id: ReviewId
  worker: string
}

export function createClaims(db: Database, options: ClaimOptions): ClaimStore & WorkerRows {
  return {
    claim: (id, worker) => db.transaction((tx) => claim(tx, { ...options, id, worker })),
    async release(owner) {
      await db.query(
        `update reviews set status = 'queued', beat_at = null, not_before = null, ${noteChange} where ${stillMine}`,
        fenceOf(owner),
      )
    },
    beat: (owners) => beat(db, owners),
    async reject(entryId, raw) {
      await db.query(`insert into rejected_entries (entry_id, raw) values ($1, $2) on conflict do nothing`, [
        entryId,
        raw,
      ])
    },
    beatWorker: (name, slots) => beatWorker(db, { name, slots, leaseMs: options.leaseMs }),
    async removeWorker(name) {
      await db.query('delete from workers where name = $1', [name])
    },
  }
}

interface Looked {
  live: boolean
  /** 0: may be claimed now. */
  waitMs: number
  /** It was begun before, and put off; not when only its posting is left, for which it may have a place in the pace. */
  returns: boolean
  crashes: number
  /** Once `waitMs` is 0: its worker died. */
  crashed: boolean
}

/** For a row that gives way: twice as long as it takes, at most, until the other one is on the stream. */
const giveWayMs = 1000

/** Beats with longer pauses than two thirds of a lease have a gap: by then the owners of reviews give up too. */
function steady(leaseParameter: string): string {
  return `(${ms(leaseParameter)} * 2 / 3)`
}

async function claim(tx: Queryable, wanted: Claim): Promise<ReviewClaim> {
  const row = await look(tx, wanted)
  if (!row?.live) return { kind: 'ended' }
  if (row.waitMs > 0) return { kind: 'later', delayMs: row.waitMs }
  if (row.returns && (await givesWay(tx, wanted.id))) return { kind: 'later', delayMs: giveWayMs }
  const crashes = row.crashes + (row.crashed ? 1 : 0)
  if (crashes < wanted.maxCrashes) return take(tx, wanted, crashes)
  await failAfterCrashes(tx, wanted.id, crashes)
  return { kind: 'ended' }
}

/** Locks the row: of many claims at once, the second one sees what the first one did. */
async function look(tx: Queryable, wanted: Claim): Promise<Looked | undefined> {
  const lease = ms('$2')
  // `me` is missing when the claimer itself has no fresh sign of life: then nothing counts as a crash.
  const [row] = await tx.query<Looked>(
    `select live, crashes, silent and dead and me.name is not null as crashed,
       status <> 'running' and r.started_at is not null and not_before is not null and frozen is null as returns,
       least(greatest(0, ceil(1000 * extract(epoch from due - now()))), 2e9)::int as "waitMs"
     from reviews r
     left join workers me on me.name = $3 and me.loop_turned_at > now() - ${steady('$2')}
     cross join lateral (select status in ${live} as live, status = 'running' and beat_at is not null as silent,
       not exists (select 1 from workers w where w.name = r.worker and w.loop_turned_at > now() - ${lease}) as dead) s
     cross join lateral (select case when status <> 'running' then not_before
       when silent and dead then greatest(beat_at, me.steady_since) + ${lease} else beat_at + ${lease} end as due) d
     where id = $1 for update of r`,
    [wanted.id, wanted.leaseMs, wanted.worker],
  )
  return row
}

/**
 * Parked with only its posting left: its check run says what it waits for until it is posted. To say in between that it runs would
 * cost a write, and writes may be what it waits for.
 */
const waitsToPost = `(reason is not null and frozen is not null)`

async function take(tx: Queryable, wanted: Claim, crashes: number): Promise<ReviewClaim> {
  const { id, worker } = wanted
  const [row] = await tx.query<Omit<ClaimedReview, 'owner' | 'frozen'> & { epoch: number; frozen: Publication | null }>(
    `update reviews set status = 'running', epoch = epoch + 1, worker = $2, beat_at = clock_timestamp(),
       crashes = $3, started_at = coalesce(started_at, now()), not_before = null, reason = null,
       ${noteChangeBut(waitsToPost)}
     where id = $1 returning epoch, generation, attempts, frozen, ${refObject} as ref`,
    [id, worker, crashes],
  )
  if (!row) return { kind: 'ended' }
  const { epoch, frozen, ...claimed } = row
  const owner = { reviewId: id, epoch, worker }
  return { kind: 'claimed', review: { owner, ...claimed, ...(frozen ? { frozen } : {}) }, crashes }
}

/** The row is the dead letter. The epoch goes up: the owner may only have been paused. */
async function failAfterCrashes(tx: Queryable, id: ReviewId, crashes: number): Promise<void> {
  await tx.query(
    `update reviews set status = 'failed', epoch = epoch + 1, crashes = $2, finished_at = now(), error = $3, ${noteChange}
     where id = $1`,
    [id, crashes, `The worker died while it ran this review, ${crashes} times in all.`],
  )
}

async function beat(db: Database, owners: readonly Owner[]): Promise<ReviewId[]> {
  const rows = await db.query<{ id: ReviewId }>(
    `update reviews r set beat_at = clock_timestamp()
     from unnest($1::bigint[], $2::int[]) as mine (id, epoch)
     where r.id = mine.id and r.epoch = mine.epoch and r.status = 'running' returning r.id::text as id`,
    [owners.map((one) => one.reviewId), owners.map((one) => one.epoch)],
  )
  return rows.map((row) => row.id)
}

/** Also removes the rows of workers that went away a day ago without saying so. */
async function beatWorker(db: Database, worker: { name: string; slots: number; leaseMs: number }): Promise<void> {
  await db.query(
    `insert into workers as known (name, slots) values ($1, $2)
     on conflict (name) do update set slots = excluded.slots, loop_turned_at = now(),
       steady_since = case when known.loop_turned_at > now() - ${steady('$3')} then known.steady_since else now() end`,
    [worker.name, worker.slots, worker.leaseMs],
  )
  await db.query(`delete from workers where loop_turned_at < now() - interval '1 day'`)
}
