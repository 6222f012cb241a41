import { expect, test } from 'vitest'
import { dueReviews } from '../../src/store/dispatch.ts'
import type { ReviewId } from '../../src/review/ids.ts'
import { createEndings } from '../../src/store/endings.ts'
import { createRequests } from '../../src/store/requests.ts'
import { claimReview, leaseMs, openTestStore, recordReview } from './store.ts'

const db = await openTestStore()
const endings = createEndings(db)
const { retry } = createRequests(db)
const failure = { message: 'no', delayMs: 10_000, maxAttempts: 5, permanent: false }

test('what has ended, runs, or is not due is not put on the stream', async () => {
  const skipped = await claimReview(db, await recordReview(db, { number: 1 }))
  await endings.finish(skipped.owner, { kind: 'skipped', reason: 'Nothing to read.' })
  await claimReview(db, await recordReview(db, { number: 2 }))
  const retrying = await claimReview(db, await recordReview(db, { number: 3 }))
  await endings.fail(retrying.owner, failure)
  const parked = await claimReview(db, await recordReview(db, { number: 4 }))
  await endings.park(parked.owner, 'GitHub asked to wait', 10_000)

  const due = await dueReviews(db, { limit: 10, leaseMs, slots: 4 })

  expect(due).toEqual([])
})

test('a pending entry that nobody took over in time is put on the stream again', async () => {
  const retrying = await claimReview(db, await recordReview(db, { number: 1 }))
  await endings.fail(retrying.owner, failure)
  await db.query(`update reviews set not_before = now() - interval '31 seconds' where status = 'retrying'`)
  const silent = await claimReview(db, await recordReview(db, { number: 2 }))
  await db.query(`update reviews set beat_at = now() - interval '61 seconds' where status = 'running'`)

  const due = await dueReviews(db, { limit: 10, leaseMs, slots: 4 })

  expect(due).toEqual([retrying.owner.reviewId, silent.owner.reviewId])
})

test('a pending entry has its time to be taken over first', async () => {
  const retrying = await claimReview(db, await recordReview(db, { number: 1 }))
  await endings.fail(retrying.owner, failure)
  await db.query(`update reviews set not_before = now() - interval '20 seconds' where status = 'retrying'`)
  await claimReview(db, await recordReview(db, { number: 2 }))
  await db.query(`update reviews set beat_at = now() - interval '50 seconds' where status = 'running'`)

  const due = await dueReviews(db, { limit: 10, leaseMs, slots: 4 })

  expect(due).toEqual([])
})

test('queued rows come oldest first, of the new ones no more than asked for', async () => {
  const first = await recordReview(db, { number: 1 })
  const parked = await claimReview(db, await recordReview(db, { number: 2 }))
  await endings.park(parked.owner, 'GitHub asked to wait', 0)
  await recordReview(db, { number: 3 })

  const due = await dueReviews(db, { limit: 1, leaseMs, slots: 4 })

  expect(due).toEqual([first, parked.owner.reviewId])
})

test('a retry of one goes ahead of everything, retries of all that failed keep to the turns', async () => {
  const failed: ReviewId[] = []
  for (let number = 1; number <= 4; number++) {
    const { owner } = await claimReview(db, await recordReview(db, { number }))
    await endings.fail(owner, { ...failure, permanent: true })
    failed.push(owner.reviewId)
  }
  const other = await recordReview(db, { installationId: 2, repositoryId: 2 })
  const hook = await recordReview(db, { number: 5 })
  const [first, second, third, alone] = failed
  for (const id of [first, second, third]) if (id) await retry(id, 'many')
  if (alone) await retry(alone, 'alone')

  const due = await dueReviews(db, { limit: 10, leaseMs, slots: 6 })

  expect(due).toEqual([alone, other, hook, first])
})

test('what comes back and was not taken over in time leaves room for what is new', async () => {
  for (let number = 1; number <= 4; number++) {
    const { owner } = await claimReview(db, await recordReview(db, { number }))
    await endings.fail(owner, failure)
    const parked = await claimReview(db, await recordReview(db, { installationId: number, repositoryId: 3, number }))
    await endings.park(parked.owner, 'the model asked to wait', 0)
  }
  await db.query(`update reviews set not_before = now() - interval '1 hour'`)
  const fresh = await recordReview(db, { installationId: 2, repositoryId: 2 })

  const due = await dueReviews(db, { limit: 2, leaseMs, slots: 4 })

  expect(due).toHaveLength(3)
  expect(due).toContain(fresh)
})

test('what comes back does not use up the turns of what is new', async () => {
  for (let number = 1; number <= 4; number++) {
    const { owner } = await claimReview(db, await recordReview(db, { number }))
    await endings.park(owner, 'the model asked to wait', 0)
  }
  const fresh = await recordReview(db, { number: 5 })
  await recordReview(db, { installationId: 2, repositoryId: 2 })

  const due = await dueReviews(db, { limit: 10, leaseMs, slots: 4 })

  expect(due).toContain(fresh)
})
