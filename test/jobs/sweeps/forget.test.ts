import { expect, test } from 'vitest'
import { forget } from '../../../src/jobs/sweeps/forget.ts'
import type { ClaimedReview } from '../../../src/jobs/ports.ts'
import type { PlacedFinding } from '../../../src/review/finding.ts'
import { createEndings } from '../../../src/store/endings.ts'
import { createForgetStore } from '../../../src/store/sweeps/forget.ts'
import { createIntake } from '../../../src/store/intake.ts'
import { createJournal } from '../../../src/store/journal.ts'
import { createPublishing } from '../../../src/store/publishing.ts'
import { createRequests } from '../../../src/store/requests.ts'
import { createReviews } from '../../../src/store/reviews.ts'
import { claimReview, headA, openTestStore, readRow, recordReview } from '../../store/store.ts'

const db = await openTestStore()
const signal = new AbortController().signal
const finding: PlacedFinding = {
  reviewer: 'correctness',
  severity: 'high',
  path: 'src/cart.ts',
  line: 12,
  side: 'RIGHT',
  quote: 'const a = 1',
  title: 'The total overflows',
  body: 'It adds.',
  suggestion: 'const a = 2',
  placement: { kind: 'body', reason: 'no patch' },
}

function turn(retentionDays: number, stop = signal) {
  const { forgetDeliveries } = createIntake(db)
  return forget({ store: createForgetStore(db), forgetDeliveries, retentionDays }, stop)
}

/** A running review with a paid step, a finding and a frozen payload. */
async function workedOn(number = 4): Promise<ClaimedReview> {
  const review = await claimReview(db, await recordReview(db, { number }))
  await step(review, 'answer')
  await createEndings(db).recordExamination(review.owner, {
    summary: 'Adds a cart.',
    coverage: 'full',
    verdict: 'comments',
    findings: [finding],
    leftOut: [],
    filesRead: 1,
  })
  await createPublishing(db).openIntent(review.owner, { commitSha: headA, body: 'x', comments: [], payloadHash: '0' })
  return review
}

function step(review: ClaimedReview, output: string | null): Promise<string | null> {
  const tokens = { input: 100, output: 20, cached: 0 }
  return createJournal(db, review).step('model:a', { prompt: 'code' }, async () => ({ output, tokens, costUsd: 0.25 }))
}

async function fail(review: ClaimedReview, daysAgo: number): Promise<void> {
  await createEndings(db).fail(review.owner, { message: '502', delayMs: 0, maxAttempts: 1, permanent: true })
  await db.query(`update reviews set finished_at = now() - $2::int * interval '1 day' where id = $1`, [
    review.owner.reviewId,
    daysAgo,
  ])
}

const kept = async (review: ClaimedReview): Promise<unknown[]> => {
  const spans = await db.query('select input, output from spans where review_id = $1', [review.owner.reviewId])
  const findings = await db.query('select quote, suggestion from findings where review_id = $1', [
    review.owner.reviewId,
  ])
  return [...spans, ...findings, { frozen: (await readRow(db, review.owner.reviewId)).frozen }]
}
const nothing = [{ input: null, output: null }, { quote: null, suggestion: null }, { frozen: null }]

test.each([0, 30])('with %i days, nothing of a live review is dropped, and its steps are served', async (days) => {
  const review = await workedOn()
  await db.query(`update reviews set created_at = now() - interval '1 year', started_at = now() - interval '1 year'`)
  const before = await kept(review)

  const did = await turn(days)

  expect(did).toEqual({ reviews: 0, deliveries: 0 })
  expect(await kept(review)).toEqual(before)
  expect(await step(review, 'asked again')).toBe('answer')
})

test('what ended less than so many days ago is kept', async () => {
  const review = await workedOn()
  await fail(review, 29)
  const before = await kept(review)

  await turn(30)

  expect(await kept(review)).toEqual(before)
})

test('a review that was emptied and is tried again asks anew, and is not served an empty answer', async () => {
  const review = await workedOn()
  await fail(review, 31)
  await turn(30)

  await createRequests(db).retry(review.owner.reviewId)
  const again = await claimReview(db, review.owner.reviewId)

  expect(await step(again, 'asked again')).toBe('asked again')
})

test('a review that was tried again and ended is emptied again', async () => {
  const review = await workedOn()
  await fail(review, 31)
  await turn(30)
  await createRequests(db).retry(review.owner.reviewId)
  const again = await claimReview(db, review.owner.reviewId)
  await step(again, 'asked again')
  await fail(again, 31)

  const did = await turn(30)

  expect(did).toMatchObject({ reviews: 1 })
  expect(await db.query('select 1 from spans where input is not null or output is not null')).toEqual([])
})

test('an answer that is null by itself is served like any other', async () => {
  const review = await workedOn()
  const journal = createJournal(db, review)
  await journal.step('checks:a', 1, async () => ({ output: null }))

  const served = await journal.step<unknown>('checks:a', 1, async () => ({ output: 'asked again' }))

  expect(served).toBe(null)
})

test('prompts and code go, and what happened, what it counted and what it cost stays', async () => {
  const review = await workedOn()
  await fail(review, 31)

  const [did, again] = [await turn(30), await turn(30)]

  expect([did, again]).toEqual([
    { reviews: 1, deliveries: 0 },
    { reviews: 0, deliveries: 0 },
  ])
  expect(await kept(review)).toEqual(nothing)
  expect(await createReviews(db).readReview(review.owner.reviewId)).toMatchObject({
    review: { status: 'failed', verdict: 'comments', findings: 1, costUsd: 0.25, tokens: { input: 100 } },
    findings: [{ title: 'The total overflows', path: 'src/cart.ts', line: 12 }],
    spans: [{ key: 'model:a', status: 'finished', costUsd: 0.25 }],
  })
})

test('with 0 days they go as soon as the review has ended', async () => {
  const review = await workedOn()
  await fail(review, 0)

  await turn(0)

  expect(await kept(review)).toEqual(nothing)
})

test('many are emptied in one turn, in small pieces, until a stop', async () => {
  for (let number = 1; number <= 45; number++) await recordReview(db, { number })
  await db.query(`update reviews set status = 'cancelled', finished_at = now() - interval '31 days'`)
  const stopped = AbortSignal.abort()

  const [none, all] = [await turn(30, stopped), await turn(30)]

  expect([none, all]).toEqual([
    { reviews: 0, deliveries: 0 },
    { reviews: 45, deliveries: 0 },
  ])
})
