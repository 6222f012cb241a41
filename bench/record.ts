// The queue together with the record in Postgres: what a job costs when it is claimed, gets its epoch, and ends as a row. No bar.
import { randomBytes } from 'node:crypto'
import { createSystemClock } from '../src/clock.ts'
import { createReviewWork } from '../src/jobs/work.ts'
import { createConsumer } from '../src/queue/consumer.ts'
import { createRedisQueue } from '../src/queue/redis-queue.ts'
import { createClaims } from '../src/store/claims.ts'
import { type Database, openPostgres } from '../src/store/database.ts'
import { createEndings } from '../src/store/endings.ts'
import { startPostgres } from '../test/support/servers/postgres.ts'
import { startRedis } from '../test/support/servers/redis.ts'
import { inFlight, leaseMs, quiet } from './contenders.ts'
import { figures, interleave, table } from './rounds.ts'
import { freshDatabase, syncDisk } from './webhook.ts'

const jobs = 1000

export async function benchRecord(rounds: number): Promise<void> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis({ appendfsync: 'everysec' })])
  await syncDisk(postgres.url)
  const url = await freshDatabase(postgres, 'record')
  const db = openPostgres({ url, max: 10, statementTimeoutMs: 10_000, log: quiet })
  try {
    const { both } = await interleave(rounds, { both: () => timeReviews(db, redis.url) })
    table(['claim, epoch and ending in Postgres, 10 slots', 'a second'], [['Plumbline', figures(both)]])
  } finally {
    await db.close()
    await Promise.all([postgres.stop(), redis.stop()])
  }
}

async function timeReviews(db: Database, redisUrl: string): Promise<number> {
  const worker = await openReviewWorker(db, redisUrl)
  const started = await worker.prepare(jobs)
  const perSecond = (jobs * 1000) / (await started())
  await worker.close()
  return perSecond
}

export interface ReviewWorker {
  /** Adds so many reviews to the record and the queue. What it answers runs them all, and takes so many milliseconds. */
  prepare(count: number): Promise<() => Promise<number>>
  close(): Promise<void>
}

/** A worker with ten slots whose reviews end as soon as they begin: what is left is the queue and the record. */
export async function openReviewWorker(db: Database, redisUrl: string): Promise<ReviewWorker> {
  const name = randomBytes(6).toString('hex')
  const log = { ...quiet, error: () => undefined }
  const queue = await createRedisQueue({ url: redisUrl, name, consumer: name, leaseMs, log })
  const work = createReviewWork({
    claims: createClaims(db, { leaseMs, maxCrashes: 3 }),
    endings: createEndings(db),
    runReview: async () => ({ kind: 'skipped', reason: 'There is nothing to review in a bench.' }),
    worker: name,
    changed: () => undefined,
    maxAttempts: 1,
    leaseMs,
    log,
  })
  const consumer = createConsumer({ queue, work, slots: 10, leaseMs, clock: createSystemClock(), log })
  let isRunning = false
  async function runAll(): Promise<number> {
    const started = performance.now()
    if (!isRunning) consumer.start()
    isRunning = true
    while ((await queue.depth()).length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const takenMs = performance.now() - started
    const [ended] = await db.query<{ count: number }>(`select count(*)::int from reviews where status <> 'skipped'`)
    if (ended?.count !== 0) throw new Error(`${ended?.count} reviews did not end`)
    return takenMs
  }
  return {
    async prepare(count) {
      const rows = await addRows(db, count)
      await inFlight(count, (one) => queue.enqueue(rows[one - 1]?.id ?? ''))
      return runAll
    },
    async close() {
      await consumer.stop({ graceMs: 1000 })
      await queue.close()
    },
  }
}

const addRows = (db: Database, count: number): Promise<{ id: string }[]> =>
  db.query(
    `with pulls as (select n + (select count(*) from reviews) as n from generate_series(1, $1::int) n),
       added as (insert into pull_requests (repository_id, number, installation_id, owner, repo)
         select 1, n, 1, 'octo', 'bench' from pulls)
     insert into reviews (repository_id, number, kind, head_sha, base_ref, installation_id, owner, repo, title, author, trigger)
     select 1, n, 'pull_request', md5(n::text) || 'aaaaaaaa', 'main', 1, 'octo', 'bench', 'A change', 'octo', 'hook' from pulls
     returning id::text`,
    [count],
  )
