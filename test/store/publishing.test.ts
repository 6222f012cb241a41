import { expect, test } from 'vitest'
import type { Publication } from '../../src/review/publication.ts'
import { createEndings } from '../../src/store/endings.ts'
import { createPublishing } from '../../src/store/publishing.ts'
import { createRequests } from '../../src/store/requests.ts'
import { claimReview, headA, headB, openTestStore, recordReview, silence } from './store.ts'

const db = await openTestStore()
const publishing = createPublishing(db)
const endings = createEndings(db)

const first: Publication = {
  commitSha: headA,
  body: 'zero \0 and half \ud83d stay as they are',
  comments: [{ path: 'src/cart.ts', body: 'It adds.', line: 12, side: 'RIGHT' }],
  payloadHash: 'f'.repeat(32),
}
const second: Publication = { ...first, body: 'other words', payloadHash: 'e'.repeat(32) }

/** Two running reviews of one pull request, of different kinds, so that neither supersedes the other. */
async function twoRunning(number = 4) {
  const review = await claimReview(db, await recordReview(db, { number, kind: 'pull_request' }), 'w1')
  const other = await claimReview(db, await recordReview(db, { number, kind: 'merge_group', headSha: headB }), 'w2')
  return { review: review.owner, other: other.owner }
}

test('while one review of a pull request posts, another one waits', async () => {
  const { other, review } = await twoRunning()
  await publishing.openIntent(review, first)

  const waiting = await publishing.openIntent(other, second)

  expect(waiting).toEqual({ kind: 'occupied' })
})

test('of two that want to post at once, one does', async () => {
  const pairs = []
  for (const number of [1, 2, 3, 4, 5, 6, 7, 8, 9]) pairs.push(await twoRunning(number))

  const intents = await Promise.all(
    pairs.map(({ other, review }) =>
      Promise.all([publishing.openIntent(review, first), publishing.openIntent(other, second)]),
    ),
  )

  const kinds = intents.map((pair) => pair.map((one) => one.kind).toSorted())
  expect(kinds).toEqual(pairs.map(() => ['occupied', 'open']))
})

test('two reviews that both held an intent before they were claimed anew do not wait for each other', async () => {
  const { other, review } = await twoRunning()
  await publishing.openIntent(review, first)
  await silence(db, review.reviewId)
  await claimReview(db, review.reviewId, 'w3')
  await publishing.openIntent(other, second)
  await silence(db, other.reviewId)
  const anew = await claimReview(db, other.reviewId, 'w4')

  const intent = await publishing.openIntent(anew.owner, second)

  expect(intent.kind).toBe('open')
})

test('a review that has ended is in nobody’s way', async () => {
  const { other, review } = await twoRunning()
  await publishing.openIntent(review, first)
  await endings.finish(review, { kind: 'published', delivery: 'review', githubReviewId: 1 })

  const intent = await publishing.openIntent(other, second)

  expect(intent.kind).toBe('open')
})

test('other pull requests are in nobody’s way', async () => {
  const { owner } = await claimReview(db, await recordReview(db, { number: 1 }))
  const other = await claimReview(db, await recordReview(db, { number: 2 }))
  await publishing.openIntent(owner, first)

  const intent = await publishing.openIntent(other.owner, second)

  expect(intent.kind).toBe('open')
})

test('the next owner posts the bytes that were frozen, and knows how old the former intent is', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  const opened = await publishing.openIntent(owner, first)
  await db.query(`update reviews set publish_intent_at = now() - interval '4 seconds'`)
  await endings.fail(owner, { message: 'no', delayMs: 0, maxAttempts: 5, permanent: false })
  const next = await claimReview(db, owner.reviewId, 'w2')

  const intent = await publishing.openIntent(next.owner, second)

  expect(opened).toEqual({ kind: 'open', publication: first, formerIntentAgeMs: undefined })
  expect(intent).toEqual({ kind: 'open', publication: first, formerIntentAgeMs: expect.any(Number) })
  if (intent.kind === 'open') expect(intent.formerIntentAgeMs).toBeGreaterThanOrEqual(4_000)
  if (intent.kind === 'open') expect(intent.formerIntentAgeMs).toBeLessThan(60_000)
})

test('after a refused line the new bytes are the frozen ones', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await publishing.openIntent(owner, first)

  await publishing.freezeAnew(owner, second)

  const intent = await publishing.openIntent(owner, first)
  expect(intent).toMatchObject({ kind: 'open', publication: second })
})

test('whoever claims a review next is given what was frozen, but not after a person’s Retry', async () => {
  const id = await recordReview(db)
  const { owner } = await claimReview(db, id)
  await publishing.openIntent(owner, first)
  await silence(db, id)
  const next = await claimReview(db, id, 'w2')
  await endings.fail(next.owner, { message: 'refused', delayMs: 0, maxAttempts: 1, permanent: true })
  await createRequests(db).retry(id)

  const anew = await claimReview(db, id, 'w3')

  expect(next.frozen).toEqual(first)
  expect(anew.frozen).toBeUndefined()
})

test('the age of an intent counts from the last look before the submit', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await publishing.openIntent(owner, first)
  await db.query(`update reviews set publish_intent_at = now() - interval '1 hour'`)
  await publishing.assertOwner(owner)
  await silence(db, owner.reviewId)
  const next = await claimReview(db, owner.reviewId, 'w2')

  const intent = await publishing.openIntent(next.owner, first)

  expect(intent).toMatchObject({ kind: 'open', formerIntentAgeMs: expect.any(Number) })
  expect(intent.kind === 'open' ? intent.formerIntentAgeMs : undefined).toBeLessThan(60_000)
})
