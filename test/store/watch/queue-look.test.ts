import { expect, test } from 'vitest'
import { createEndings } from '../../../src/store/endings.ts'
import { createSweepStore } from '../../../src/store/sweeps/sweep-store.ts'
import { createClaims } from '../../../src/store/claims.ts'
import { createRequests } from '../../../src/store/requests.ts'
import { failedReviews, lookAtQueue } from '../../../src/store/watch/queue-look.ts'
import { claimReview, leaseMs, maxCrashes, openTestStore, recordReview } from '../store.ts'

const db = await openTestStore()
const endings = createEndings(db)
const failure = { message: 'reading the change: 502', delayMs: 60_000, maxAttempts: 3, permanent: false }

test('an empty queue has nothing to look at', async () => {
  const look = await lookAtQueue(db, leaseMs)

  expect(look).toEqual({ reviews: [], workers: [], sweeps: [], unreviewed: [] })
})

test('every live and every failed review stands at its place', async () => {
  const failed = await claimReview(db, await recordReview(db, { number: 1 }))
  await endings.fail(failed.owner, { ...failure, permanent: true })
  const later = await claimReview(db, await recordReview(db, { number: 2 }))
  await endings.fail(later.owner, failure)
  await claimReview(db, await recordReview(db, { number: 3 }), 'w7')
  await recordReview(db, { number: 4 })
  const published = await claimReview(db, await recordReview(db, { number: 5 }))
  await endings.finish(published.owner, { kind: 'published', delivery: 'check-only' })

  const { reviews } = await lookAtQueue(db, leaseMs)

  expect(reviews.map(({ number, place, total }) => [place, number, total])).toEqual([
    ['failed', 1, 1],
    ['later', 2, 1],
    ['running', 3, 1],
    ['waiting', 4, 1],
  ])
  expect(reviews[0]).toMatchObject({ error: failure.message, finishedAt: expect.any(Date) })
  expect(reviews[1]).toMatchObject({ error: failure.message, attempts: 1, notBefore: expect.any(Date) })
  expect(reviews[2]).toMatchObject({
    worker: 'w7',
    epoch: 1,
    beatAt: expect.any(Date),
    leaseUntil: expect.any(Date),
    startedAt: expect.any(Date),
  })
})

test('of many only the first fifty are read, the longest waiting first, and all are counted', async () => {
  for (let number = 1; number <= 52; number++) await recordReview(db, { number })
  await db.query(`update reviews set waiting_since = now() - interval '1 hour' where number = 52`)

  const { reviews } = await lookAtQueue(db, leaseMs)

  expect(reviews).toHaveLength(50)
  expect(reviews[0]).toMatchObject({ number: 52, total: 52 })
})

test('what failed can be tried again until it was', async () => {
  const review = await claimReview(db, await recordReview(db))
  await endings.fail(review.owner, { ...failure, permanent: true })

  const before = await failedReviews(db, 500)
  await createRequests(db).retry(review.owner.reviewId)

  expect([before, await failedReviews(db, 500)]).toEqual([[review.owner.reviewId], []])
})

test('workers are there, and the sweeps with what came of their last turns', async () => {
  const sweeps = createSweepStore(db)
  await createClaims(db, { leaseMs, maxCrashes }).beatWorker('w1', 4)
  await sweeps.lead('drafts', 'w1', { everyMs: 60_000, forMs: 60_000 })
  await sweeps.lead('deliveries', 'w2', { everyMs: 60_000, forMs: 60_000 })
  await sweeps.ended('deliveries', { tookMs: 1500, did: { redelivered: 2 }, error: undefined })
  await sweeps.writeMark('deliveries', { mark: new Date('2026-01-05T10:00:00Z'), open: [] })

  const look = await lookAtQueue(db, leaseMs)

  expect(look.workers).toMatchObject([{ name: 'w1', slots: 4 }])
  expect(look.sweeps).toEqual([
    {
      name: 'deliveries',
      holder: 'w2',
      ranAt: expect.any(Date),
      tookMs: 1500,
      did: { redelivered: 2 },
      error: null,
      mark: new Date('2026-01-05T10:00:00Z'),
    },
    { name: 'drafts', holder: 'w1', ranAt: null, tookMs: null, did: {}, error: null, mark: null },
  ])
})
