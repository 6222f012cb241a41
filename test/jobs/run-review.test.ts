import { expect, test } from 'vitest'
import { type ReviewDeps, runReview } from '../../src/jobs/run-review.ts'
import { reviewId } from '../../src/review/ids.ts'
import type { Outcome } from '../../src/review/outcome.ts'
import { composed, openState, ref } from './posting.ts'

const review = { owner: { reviewId: reviewId('7'), epoch: 2, worker: 'w2' }, ref, generation: 0, attempts: 0 }
const { signal } = new AbortController()
const published: Outcome = { kind: 'published', delivery: 'review', githubReviewId: 12 }

/** Whoever reads, checks, asks a model or writes on the record fails. */
function onlyPosting(state = openState) {
  const posted: unknown[] = []
  const examined = (): never => {
    throw new Error('it was examined anew')
  }
  const deps: ReviewDeps = {
    reader: { readState: async () => state, readChange: examined },
    checker: { check: examined, keepParsing: examined },
    finder: { examine: examined, verify: examined },
    readSaid: examined,
    endings: { recordExamination: examined },
    publish: async (publication) => (posted.push(publication), published),
  }
  return { deps, posted }
}

test('what an owner before was about to post is posted, and the record of it stays', async () => {
  const { deps, posted } = onlyPosting()
  const frozen = composed()

  const outcome = await runReview({ ...review, frozen }, deps, signal)

  expect(outcome).toEqual(published)
  expect(posted).toEqual([frozen])
})

test('but not when the pull request was closed meanwhile', async () => {
  const { deps, posted } = onlyPosting({ ...openState, open: false })

  const outcome = await runReview({ ...review, frozen: composed() }, deps, signal)

  expect(outcome.kind).toBe('cancelled')
  expect(posted).toEqual([])
})
