// Three workers share a burst of thirty reviews: each is posted once, and each worker has its part.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { askedAboutChanges } from './support/model/about-changes.ts'
import { reviewFirstAddedLine } from './support/model/reviewer.ts'
import { Plumbline } from './support/plumbline.ts'
import { testDatabaseUrl } from './support/real.ts'

let plumbline: Plumbline

beforeAll(async () => {
  plumbline = await Plumbline.start(await testDatabaseUrl())
})

afterAll(() => plumbline.close())

test('three workers share a burst of thirty reviews, each exactly once', { timeout: 180_000 }, async () => {
  plumbline.model.play((request) => ({ kind: 'slow', ms: 300, then: reviewFirstAddedLine(request) }))
  await plumbline.web()
  await Promise.all([1, 2, 3].map(() => plumbline.worker({ WORKER_CONCURRENCY: '2' })))
  const pulls = await Promise.all(Array.from({ length: 30 }, () => plumbline.openPullRequest()))

  const delivered = await Promise.all(pulls.map((pull) => plumbline.github.send(pull, 'opened')))

  expect(delivered.map(({ status }) => status)).toEqual(pulls.map(() => 202))
  await vi.waitFor(async () => expect(await plumbline.countByStatus()).toEqual({ published: 30 }), {
    timeout: 150_000,
    interval: 200,
  })
  expect(pulls.map((pull) => plumbline.github.reviewsOf(pull).length)).toEqual(pulls.map(() => 1))
  expect(pulls.flatMap((pull) => plumbline.github.draftsOf(pull))).toEqual([])
  expect(await plumbline.workersOfReviews()).toHaveLength(3)
  // One answer to find, one to verify.
  expect(askedAboutChanges(plumbline.model)).toHaveLength(60)
})
