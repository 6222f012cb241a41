import { expect, test } from 'vitest'
import { reviewId } from '../../src/review/ids.ts'
import { createClaims } from '../../src/store/claims.ts'
import { createEndings } from '../../src/store/endings.ts'
import { createJournal } from '../../src/store/journal.ts'
import { createRequests } from '../../src/store/requests.ts'
import { createReviews } from '../../src/store/reviews.ts'
import { claimReview, headA, leaseMs, maxCrashes, openTestStore, recordReview } from './store.ts'

const db = await openTestStore()
const reviews = createReviews(db)
const endings = createEndings(db)

test('a review that is not there is undefined', async () => {
  const read = await reviews.readReview(reviewId('999999'))
  const events = await reviews.eventsSince(reviewId('999999'), 0)

  expect([read, events]).toEqual([undefined, undefined])
})

test('a fresh review has everything that is known of it', async () => {
  const id = await recordReview(db)

  const read = await reviews.readReview(id)

  expect(read).toEqual({
    review: {
      id,
      owner: 'acme',
      repo: 'shop',
      number: 4,
      title: 'Add a cart',
      author: 'octocat',
      headSha: headA,
      baseRef: 'main',
      kind: 'pull_request',
      trigger: 'hook',
      status: 'queued',
      coverage: null,
      verdict: null,
      delivery: null,
      reason: null,
      error: null,
      epoch: 0,
      generation: 0,
      attempts: 0,
      crashes: 0,
      worker: null,
      notBefore: null,
      createdAt: expect.any(Date),
      askedAt: expect.any(Date),
      startedAt: null,
      finishedAt: null,
      githubReviewId: null,
      summary: '',
      filesRead: 0,
      leftOut: [],
      findings: 0,
      tokens: { input: 0, output: 0, cached: 0 },
      costUsd: 0,
      eventSeq: 1,
    },
    findings: [],
    spans: [],
  })
})

test('a review waits from its recording on, or from when it was tried again', async () => {
  const id = await recordReview(db)
  await db.query(`update reviews set created_at = now() - interval '2 days', waiting_since = now() - interval '3 days'`)
  const recorded = await reviews.readReview(id)
  await createRequests(db).cancel(id, 'Somebody said so.')
  await createRequests(db).retry(id)

  const again = await reviews.readReview(id)

  expect(recorded?.review.askedAt).toEqual(recorded?.review.createdAt)
  expect(again?.review.createdAt).toEqual(recorded?.review.createdAt)
  expect(Number(again?.review.askedAt)).toBeGreaterThan(Date.now() - 60_000)
})

test('pages go from the newest to the oldest without a gap, also when a review is added meanwhile', async () => {
  const ids = []
  for (const number of [1, 2, 3, 4, 5]) ids.push(await recordReview(db, { number }))

  const first = await reviews.listReviews({ limit: 2 })
  await recordReview(db, { number: 6 })
  const second = await reviews.listReviews({ limit: 2, cursor: reviewId(first.cursor ?? '') })
  const third = await reviews.listReviews({ limit: 2, cursor: reviewId(second.cursor ?? '') })

  const listed = [first, second, third].flatMap((page) => page.reviews.map((one) => one.id))
  expect(listed).toEqual(ids.toReversed())
  expect(third.cursor).toBeNull()
})

test('the list can be narrowed by status and by repository, in any case', async () => {
  const cart = await recordReview(db, { number: 1, repositoryId: 1, repo: 'Cart' })
  const running = await claimReview(db, await recordReview(db, { number: 2, repositoryId: 1, repo: 'Cart' }))
  await recordReview(db, { number: 3, repositoryId: 2, repo: 'shop' })

  const byRepo = await reviews.listReviews({ repo: 'ACME/cart', limit: 10 })
  const byBoth = await reviews.listReviews({ repo: 'acme/cart', status: 'queued', limit: 10 })
  const byStatus = await reviews.listReviews({ status: 'running', limit: 10 })

  expect(byRepo.reviews.map((one) => one.id)).toEqual([running.owner.reviewId, cart])
  expect(byBoth.reviews.map((one) => one.id)).toEqual([cart])
  expect(byStatus.reviews.map((one) => one.id)).toEqual([running.owner.reviewId])
})

test('events since a number are the spans written after it, in their order', async () => {
  const review = await claimReview(db, await recordReview(db))
  const id = review.owner.reviewId
  const journal = createJournal(db, review)
  await journal.step('read', 1, async () => ({ output: 1 }))
  const seen = await reviews.eventsSince(id, 0)
  await journal.step('examine', 1, async () => ({ output: 1 }))

  const since = await reviews.eventsSince(id, seen?.review.eventSeq ?? 0)
  const none = await reviews.eventsSince(id, Number.MAX_SAFE_INTEGER)

  expect(seen?.spans).toMatchObject([{ key: 'read', status: 'finished' }])
  expect(since?.spans).toMatchObject([{ key: 'examine', status: 'finished', eventSeq: since?.review.eventSeq }])
  expect(none?.spans).toEqual([])
})

test('the patches of a change are those of its newest finished read, and only for the files asked for', async () => {
  const review = await claimReview(db, await recordReview(db))
  const journal = createJournal(db, review)
  const change = (patch: string) => ({
    output: { files: [{ path: 'a.ts', patch }, { path: 'b.bin' }, { path: 'c.ts', patch: '@@ c' }], commits: [] },
  })
  await journal.step('change:old', 1, async () => change('@@ old'))
  await journal.step('change:new', 1, async () => change('@@ new \u0000'))
  await journal.step('change:cut', 1, () => Promise.reject(new Error('cut'))).catch(() => undefined)

  const patches = await reviews.readPatches(review.owner.reviewId, ['a.ts', 'b.bin', 'd.ts'])

  expect([...patches]).toEqual([['a.ts', '@@ new \u0000']])
})

test('a review that read nothing has no patches', async () => {
  const patches = await reviews.readPatches(await recordReview(db), ['a.ts'])

  expect([...patches]).toEqual([])
})

test('the queue says what waits, what runs, what is due later, what failed and who works', async () => {
  await createClaims(db, { leaseMs, maxCrashes }).beatWorker('w1', 4)
  await recordReview(db, { number: 1 })
  await claimReview(db, await recordReview(db, { number: 2 }))
  const retrying = await claimReview(db, await recordReview(db, { number: 3 }))
  await endings.fail(retrying.owner, { message: 'no', delayMs: 10_000, maxAttempts: 5, permanent: false })
  const failed = await claimReview(db, await recordReview(db, { number: 4 }))
  await endings.fail(failed.owner, { message: 'no', delayMs: 0, maxAttempts: 5, permanent: true })

  const counts = await reviews.queueCounts(leaseMs)

  expect(counts).toEqual({
    waiting: 1,
    dueLater: 1,
    running: 1,
    failed: 1,
    workers: [{ name: 'w1', slots: 4, startedAt: expect.any(Date), loopTurnedAt: expect.any(Date) }],
  })
})

test('a worker that was killed is not among those who work, although its row stays for a day', async () => {
  const claims = createClaims(db, { leaseMs, maxCrashes })
  for (const name of ['alive', 'killed']) await claims.beatWorker(name, 4)
  await db.query(`update workers set loop_turned_at = now() - interval '31 seconds' where name = 'killed'`)

  const { workers } = await reviews.queueCounts(leaseMs)

  expect(workers.map((one) => one.name)).toEqual(['alive'])
})
