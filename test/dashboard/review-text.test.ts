import { expect, test } from 'vitest'
import { type ReviewAnswer, reviewText } from '../../src/dashboard/review-text.ts'
import type { ReviewId } from '../../src/review/ids.ts'
import { createReviewsInMemory, finding } from '../http/reviews-in-memory.ts'

/** As it comes over HTTP: dates are text. */
async function answered(findings: ReviewAnswer['findings']): Promise<ReviewAnswer> {
  const reviews = createReviewsInMemory()
  const id: ReviewId = reviews.add(
    {
      status: 'published',
      coverage: 'full',
      filesRead: 2,
      delivery: 'review',
      tokens: { input: 900, output: 100, cached: 0 },
      costUsd: 0.031,
      startedAt: new Date('2026-01-05T10:00:00Z'),
      finishedAt: new Date('2026-01-05T10:00:48Z'),
    },
    { findings },
  )
  const read = await reviews.read(id)
  return JSON.parse(JSON.stringify({ ...read?.review, findings }))
}

const heldBack = finding({ title: 'Was wrong', placement: { kind: 'held-back', reason: 'The caller checks it.' } })

test('a review in a terminal has its findings, what it took, and at the end what was held back', async () => {
  const text = reviewText(await answered([finding(), heldBack]))

  expect(text).toContain('Check run: Reviewed: 1 comment (success)')
  expect(text).toContain('<summary>2 files read · 1,000 tokens · $0.03 · 48 s</summary>')
  expect(text).toContain('── src/greeting.ts:12\n   **High** (correctness): The name is never read')
  expect(text.split('\n\n').at(-1)).toBe(
    '── Held back (1), not published\n   src/greeting.ts:12  Was wrong\n      The caller checks it.',
  )
})

test('a review of which everything was held back is clean', async () => {
  const text = reviewText(await answered([heldBack]))

  expect(text).toContain('Check run: Reviewed: no problems found (success)')
  expect(text).not.toContain('**High**')
  expect(text).toContain('Held back (1)')
})

test('nothing in it is obeyed by a terminal', async () => {
  const hostile = '\u001b]0;title\u0007\u001b[2J\r\u009b1A\u202e'

  const text = reviewText({
    ...(await answered([finding({ title: hostile }), { ...heldBack, title: hostile, path: hostile }])),
    title: hostile,
  })

  expect(text).not.toMatch(/[^\P{C}\n]/u)
})

test('a review without anything held back does not speak of it', async () => {
  expect(reviewText(await answered([finding()]))).not.toContain('Held back')
})
