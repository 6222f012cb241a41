import { expect, test } from 'vitest'
import { LostLeaseError } from '../../src/review/errors.ts'
import { reviewId } from '../../src/review/ids.ts'
import { createEndings } from '../../src/store/endings.ts'
import { createPublishing } from '../../src/store/publishing.ts'
import { createRequests } from '../../src/store/requests.ts'
import { allRows, claimReview, headA, headB, openTestStore, readRow, recordReview, ref } from './store.ts'

const db = await openTestStore()
const requests = createRequests(db)
const endings = createEndings(db)

const head = { ref, title: 'Add a cart', author: 'octocat', trigger: 'api', updatedAt: null } as const

test('asking for a head that is live or published answers its review', async () => {
  const first = await requests.recordRequest(head)
  const live = await requests.recordRequest(head)
  const { owner } = await claimReview(db, first.reviewId)
  await endings.finish(owner, { kind: 'published', delivery: 'check-only' })

  const published = await requests.recordRequest(head)

  expect(first.kind).toBe('recorded')
  expect([live, published]).toEqual([
    { kind: 'known', reviewId: first.reviewId },
    { kind: 'known', reviewId: first.reviewId },
  ])
})

test('a review that was asked for supersedes the one of an older head', async () => {
  const older = await recordReview(db, { headSha: headA })

  await requests.recordRequest({ ...head, ref: { ...ref, headSha: headB } })

  expect((await readRow(db, older)).status).toBe('superseded')
})

test('what runs, is published or was superseded cannot be retried', async () => {
  const running = await recordReview(db, { number: 1 })
  await claimReview(db, running)
  const published = await claimReview(db, await recordReview(db, { number: 2 }))
  await endings.finish(published.owner, { kind: 'published', delivery: 'check-only' })
  const superseded = await recordReview(db, { number: 3, headSha: headA })
  await recordReview(db, { number: 3, headSha: headB })

  const retried = await Promise.all([
    requests.retry(running),
    requests.retry(published.owner.reviewId),
    requests.retry(superseded),
    requests.retry(reviewId('999999')),
  ])

  expect(retried).toEqual([false, false, false, false])
})

test('a cancelled review is not retried beside a live one of the same head', async () => {
  const cancelled = await recordReview(db)
  await requests.cancel(cancelled, 'Somebody said so.')
  await recordReview(db)

  const retried = await requests.retry(cancelled)

  expect(retried).toBe(false)
})

test('a retry starts a new generation without the frozen payload', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await createPublishing(db).openIntent(owner, { commitSha: headA, body: 'b', comments: [], payloadHash: 'h' })
  await endings.fail(owner, { message: 'no', delayMs: 0, maxAttempts: 1, permanent: false })
  const before = await readRow(db, owner.reviewId)

  const retried = await requests.retry(owner.reviewId)

  expect(retried).toBe(true)
  expect(before).toMatchObject({ status: 'failed', frozen: { body: 'b' } })
  expect(await readRow(db, owner.reviewId)).toMatchObject({
    status: 'queued',
    generation: 1,
    attempts: 0,
    crashes: 0,
    frozen: null,
    // The former write may still show up at GitHub.
    publish_intent_at: before.publish_intent_at,
    epoch: before.epoch + 1,
    check_version: before.check_version + 1,
  })
})

test('ten retries at once are one', async () => {
  const id = await recordReview(db)
  await requests.cancel(id, 'Somebody said so.')

  const retried = await Promise.all(Array.from({ length: 10 }, () => requests.retry(id)))

  expect(retried.filter(Boolean)).toHaveLength(1)
  expect(await allRows(db)).toMatchObject([{ generation: 1, status: 'queued' }])
})

test('a cancelled review tells why, and nothing of an error that it had earlier', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await endings.fail(owner, { message: 'a 502', delayMs: 0, maxAttempts: 5, permanent: false })

  await requests.cancel(owner.reviewId, 'Somebody said so.')

  expect(await readRow(db, owner.reviewId)).toMatchObject({ reason: 'Somebody said so.', error: null })
})

test('a cancelled owner can write nothing any more', async () => {
  const { owner } = await claimReview(db, await recordReview(db))

  const cancelled = await requests.cancel(owner.reviewId, 'Somebody said so.')
  const again = await requests.cancel(owner.reviewId, 'Somebody else said so.')

  expect([cancelled, again]).toEqual([true, false])
  await expect(endings.finish(owner, { kind: 'skipped', reason: 'x' })).rejects.toThrow(LostLeaseError)
  expect(await readRow(db, owner.reviewId)).toMatchObject({ status: 'cancelled', reason: 'Somebody said so.' })
})
