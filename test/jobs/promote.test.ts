import { beforeEach, expect, test } from 'vitest'
import { promote } from '../../src/jobs/promote.ts'
import { createMemoryBroker } from '../../src/queue/memory-queue.ts'
import type { Owner } from '../../src/jobs/ports.ts'
import type { Entry, QueueConnection } from '../../src/queue/queue.ts'
import { type ReviewId, reviewId } from '../../src/review/ids.ts'
import { createClaims } from '../../src/store/claims.ts'
import { dueReviews, liveSlots } from '../../src/store/dispatch.ts'
import { createEndings } from '../../src/store/endings.ts'
import { claimReview, leaseMs, maxCrashes, openTestStore, recordReview } from '../store/store.ts'
import { createManualClock } from '../support/clock.ts'

const db = await openTestStore()
const flooder = 1
const slots = 8
let queue: QueueConnection

beforeEach(async () => {
  queue = createMemoryBroker({ clock: createManualClock(), leaseMs, blockMs: 0 }).connect('w1')
  await createClaims(db, { leaseMs, maxCrashes }).beatWorker('w1', slots)
})

/** Review rows of one installation. */
async function record(installationId: number, count: number): Promise<ReviewId[]> {
  const ids: ReviewId[] = []
  for (let number = 1; number <= count; number++)
    ids.push(await recordReview(db, { installationId, repositoryId: installationId, number }))
  return ids
}

function promoteNow(): Promise<number> {
  return promote({
    queue,
    liveSlots: () => liveSlots(db, leaseMs),
    dueReviews: (admission) => dueReviews(db, { ...admission, leaseMs }),
  })
}

/** Takes what waits and claims it, as a worker does. */
async function start(count: number): Promise<ReviewId[]> {
  const entries = await queue.take(count)
  const ids = entries.map((entry) => reviewId(entry.jobId ?? ''))
  for (const id of ids) await claimReview(db, id)
  return ids
}

/** Claims what was taken, one after the other, and puts off what may not run yet. */
async function startEntries(entries: Entry[]): Promise<{ entry: Entry; owner: Owner }[]> {
  const { claim } = createClaims(db, { leaseMs, maxCrashes })
  const started: { entry: Entry; owner: Owner }[] = []
  for (const entry of entries) {
    const claimed = await claim(reviewId(entry.jobId ?? ''), 'w1')
    if (claimed.kind === 'claimed') started.push({ entry, owner: claimed.review.owner })
    if (claimed.kind === 'later') await queue.postpone(entry, claimed.delayMs)
  }
  return started
}

async function installationsOf(ids: readonly ReviewId[]): Promise<number[]> {
  const rows = await db.query<{ id: ReviewId; installation: number }>(
    'select id::text as id, installation_id::int as installation from reviews',
  )
  const known = new Map(rows.map((row) => [row.id, row.installation]))
  return ids.map((id) => known.get(id) ?? 0)
}

test('an installation that floods gets half of the slots while others wait, and nothing waits for long', async () => {
  await record(flooder, 200)
  const others = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
  for (const installation of others) await record(installation, 5)
  const { finish } = createEndings(db)
  const started: ReviewId[] = []
  const floods: number[] = []
  const waiting: number[] = []

  // Reviews end one by one, oldest first, until the others have had all of theirs.
  while (started.length < 100) {
    await promoteNow()
    const { length, pending } = await queue.depth()
    waiting.push(length - pending)
    started.push(...(await start(slots - running(started, floods))))
    const alive = started.slice(floods.length)
    floods.push((await installationsOf(alive)).filter((one) => one === flooder).length)
    const oldest = alive[0] ?? reviewId('0')
    const [row] = await db.query<{ epoch: number }>('select epoch from reviews where id = $1', [oldest])
    await finish({ reviewId: oldest, epoch: row?.epoch ?? 0, worker: 'w1' }, { kind: 'skipped', reason: 'Done.' })
  }

  const order = await installationsOf(started)
  const served = order.map((one, index) => (one === flooder ? -1 : index)).filter((index) => index >= 0)
  expect(served).toHaveLength(50)
  expect(served.at(-1)).toBeLessThan(80)
  expect(Math.max(...waiting)).toBeLessThanOrEqual(2 * slots)
  // The last of the others has started: from there on it may have all.
  expect(Math.max(...floods.slice(0, (served.at(-1) ?? 0) - slots))).toBeLessThanOrEqual(slots / 2)
  // The first turn: everybody once, in the order in which they came.
  expect(order.slice(0, 11)).toEqual([flooder, ...others])
})

/** `ended` has one item for each review that ended. */
function running(started: readonly unknown[], ended: readonly unknown[]): number {
  return started.length - ended.length
}

test('a backlog without any worker puts a few entries on the stream, not all', async () => {
  await db.query('delete from workers')
  await record(flooder, 30)

  await promoteNow()
  await promoteNow()

  expect(await queue.depth()).toMatchObject({ length: 8, pending: 0 })
})

test('one worker with one slot has two entries before it, so that a person waits for no more than those', async () => {
  await createClaims(db, { leaseMs, maxCrashes }).beatWorker('w1', 1)
  await record(flooder, 30)

  await promoteNow()
  await promoteNow()

  expect(await queue.depth()).toMatchObject({ length: 2, pending: 0 })
})

test('what a person asked for goes before everything that waits', async () => {
  await record(flooder, 3)
  const [asked] = await record(2, 1)
  await db.query(`update reviews set trigger = 'command' where id = $1`, [asked])

  await promoteNow()

  expect((await start(4))[0]).toBe(asked)
})

test('an installation that is alone may use every slot', async () => {
  await record(flooder, 20)

  await promoteNow()

  expect(await start(slots)).toHaveLength(slots)
})

test('after an outage, new reviews begin beside the retries of an installation that floods', async () => {
  const { fail } = createEndings(db)
  const failure = { message: 'no', delayMs: 0, maxAttempts: 5, permanent: false }
  await record(flooder, 40)
  while ((await promoteNow()) > 0)
    for (const { entry, owner } of await startEntries(await queue.take(40))) {
      await fail(owner, failure)
      await queue.postpone(entry, 0)
    }
  await db.query(`update reviews set not_before = now() - interval '1 hour'`)
  const others = await record(2, 4)

  // Whatever is due is taken over before anything new is read, as a worker does.
  const first = await startEntries(await queue.takeOver(slots))
  await promoteNow()
  const second = await startEntries(await queue.take(slots - first.length))

  expect(first.length).toBeGreaterThan(0)
  expect(second.map(({ owner }) => owner.reviewId)).toEqual(others)
})

test('promoting again adds only what has room', async () => {
  await record(flooder, 40)
  await promoteNow()
  await start(3)

  const added = await promoteNow()

  expect(added).toBe(3)
})
