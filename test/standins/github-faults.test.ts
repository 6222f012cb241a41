// Faults and delays on order.
import { expect, test, vi } from 'vitest'
import { refusalOf, setUp } from './stand-in.ts'

const reviewsPath = /\/reviews$/

test.each(['commit-then-502', 'commit-then-drop'] as const)(
  '%s: the review is there, whatever the client was told',
  async (kind) => {
    const { at, github, octokit, pull } = await setUp()
    github.faults.add({ method: 'POST', path: reviewsPath, kind })

    const failed = await refusalOf(octokit.rest.pulls.createReview({ ...at, body: 'One.', event: 'COMMENT' }))

    expect(failed.status).toBeGreaterThanOrEqual(500)
    expect(github.reviewsOf(pull)).toMatchObject([{ body: 'One.' }])
  },
)

test.each(['502', 'drop'] as const)('%s: nothing was done', async (kind) => {
  const { at, github, octokit, pull } = await setUp()
  github.faults.add({ method: 'POST', path: reviewsPath, kind })

  const failed = await refusalOf(octokit.rest.pulls.createReview({ ...at, body: 'One.', event: 'COMMENT' }))

  expect(failed.status).toBeGreaterThanOrEqual(400)
  expect(github.reviewsOf(pull)).toEqual([])
})

test.each([
  [{ kind: '401' }, 401, {}],
  [{ kind: 'line-refused' }, 422, {}],
  [{ kind: '429', retryAfter: 7 }, 429, { 'retry-after': '7' }],
  [{ kind: 'secondary-limit', retryAfter: 7 }, 403, { 'retry-after': '7' }],
  [{ kind: 'primary-limit', resetIn: 60 }, 403, { 'x-ratelimit-remaining': '0' }],
] as const)('a refusal on order looks like one of GitHub: %j', async (fault, status, headers) => {
  const { at, github } = await setUp()
  github.faults.add({ method: 'GET', path: /\/repos\//, ...fault })

  const reply = await fetch(`${github.url}/repos/${at.owner}/${at.repo}`)

  expect(reply.status).toBe(status)
  expect(Object.fromEntries(reply.headers)).toMatchObject(headers)
})

test('a fault is used up, and leaves other routes alone', async () => {
  const { at, github, octokit } = await setUp()
  github.faults.add({ method: 'GET', path: reviewsPath, kind: '502' })

  const other = await octokit.rest.pulls.get(at)
  const first = await refusalOf(octokit.rest.pulls.listReviews(at))
  const second = await octokit.rest.pulls.listReviews(at)

  expect([other.status, first.status, second.status]).toEqual([200, 502, 200])
  expect(github.requests.filter((one) => one.fault === '502')).toHaveLength(1)
  expect(github.violations).toEqual([])
})

test('a list of reviews lags behind, and catches up', async () => {
  const { at, github, octokit } = await setUp()
  github.readLagMs = 150
  await octokit.rest.pulls.createReview({ ...at, body: 'One.' })

  const early = await octokit.rest.pulls.listReviews(at)

  expect(early.data).toEqual([])
  await vi.waitFor(async () => expect((await octokit.rest.pulls.listReviews(at)).data).toHaveLength(1))
})

test('something can happen exactly before a request is handled', async () => {
  const { at, github, octokit, pull } = await setUp()
  const reviewed = pull.headSha
  github.before({ method: 'POST', path: /\/events$/ }, () => pull.push({ 'src/b.ts': 'new\n' }))
  const { data } = await octokit.rest.pulls.createReview({ ...at, body: 'One.' })
  const headBetween = pull.headSha

  await octokit.rest.pulls.submitReview({ ...at, review_id: data.id, event: 'COMMENT' })

  expect(headBetween).toBe(reviewed)
  expect(pull.headSha).not.toBe(reviewed)
})
