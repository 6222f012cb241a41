// The first review as a newcomer does it: nothing is set, `npm start`, the start page, its button.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type GitHubStandIn, startGitHub } from '../support/github/github.ts'
import type { PullRequest } from '../support/github/world/pull-request.ts'
import { type PlumblineProcess, startProcess } from '../support/processes.ts'

/** PGlite makes its folder in two seconds, on a busy machine in ten. */
const patience = { timeout: 40_000, interval: 100 }
vi.setConfig({ testTimeout: 60_000 })

let github: GitHubStandIn

beforeAll(async () => {
  github = await startGitHub()
})

afterAll(async () => {
  await github.close()
  expect(github.violations).toEqual([])
})

/** Starts once for all tests of a group. `url` is where the start page is. */
function startedWith(env: () => Record<string, string>): { url: string } {
  const started = { url: '' }
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-first-'))
  let running: PlumblineProcess | undefined
  beforeAll(async () => {
    running = startProcess('src/start.ts', { DATA_DIR: join(folder, 'data'), PORT: '0', ...env() })
    started.url = (await running.line(/^Look at /)).replace(/^Look at (.*)\/$/, '$1')
  })
  afterAll(async () => {
    await running?.kill9()
    rmSync(folder, { recursive: true })
  })
  return started
}

function press(
  url: string,
  path: string,
  fields: Record<string, string> = {},
  site = 'same-origin',
): Promise<Response> {
  const headers = { 'sec-fetch-site': site }
  return fetch(url + path, { method: 'POST', headers, body: new URLSearchParams(fields), redirect: 'manual' })
}

interface Answer {
  status: string
  delivery: string | null
  coverage: string | null
  githubReviewId: number | null
  summary: string
  reason: string | null
  findings: { path: string; line: number; title: string; placement: { kind: string } }[]
}

/** Follows the redirect to the review's page until the review has ended. */
async function endOf(url: string, answer: Response): Promise<Answer & { page: string }> {
  const path = answer.headers.get('location') ?? ''
  expect(path).toMatch(/^\/reviews\/\d+$/)
  const review = await vi.waitFor(async () => {
    // The API's own answer.
    const read = (await (await fetch(`${url}/api${path}`)).json()) as Answer
    expect(read.status).not.toMatch(/queued|running|retrying/)
    return read
  }, patience)
  return { ...review, page: await (await fetch(url + path)).text() }
}

/** A pull request on a public repository where no App is installed. */
async function openElsewhere(): Promise<PullRequest> {
  const repository = await github.createRepository({
    installed: 'not-installed',
    files: { 'src/rates.ts': 'export {}\n' },
  })
  return repository.openPullRequest({
    title: 'Ask for rates',
    files: { 'src/rates.ts': "export const url = 'http://rates.example.com/'\n" },
  })
}

const urlOf = (pull: PullRequest): string => `${github.url}/${pull.repository.fullName}/pull/${pull.number}`

const isFetch = (path: string): boolean => path.endsWith('.git/git-upload-pack')

describe('with nothing set', () => {
  const server = startedWith(() => ({}))

  test('a page of another site cannot press the button', async () => {
    const { url } = server

    const answer = await press(url, '/first-review/sample', {}, 'cross-site')

    expect(answer.status).toBe(403)
    expect(await (await fetch(`${url}/api/reviews`)).json()).toMatchObject({ reviews: [] })
  })

  test('addresses of another host, and of no pull request, are refused with a sentence', async () => {
    const { url } = server

    const [elsewhere, nothing] = [
      await press(url, '/first-review/url', { url: 'https://gitlab.example/a/b/pull/1' }),
      await press(url, '/first-review/url', { url: 'https://github.com/octo-org' }),
    ]

    expect([elsewhere.status, nothing.status]).toEqual([400, 400])
    expect(await elsewhere.text()).toContain('Only pull requests on https://github.com can be reviewed here.')
    expect(await nothing.text()).toContain('This is not a pull request.')
  })

  test('the button leads to a posted review by the checks and the mock model, which says so', async () => {
    const { url } = server
    const startPage = await (await fetch(`${url}/`)).text()

    const review = await endOf(url, await press(url, '/first-review/sample'))

    expect(startPage).toContain('Replay a sample pull request')
    expect(review).toMatchObject({ status: 'published', delivery: 'review' })
    expect(review.githubReviewId).toBeGreaterThan(0)
    expect(review.findings.map(({ line, path, placement }) => [path, line, placement.kind])).toEqual([
      ['src/orders/checkout.ts', 18, 'inline'],
      ['src/orders/total.ts', 11, 'inline'],
      ['src/orders/checkout.ts', 14, 'inline'],
    ])
    expect(review.page).toContain('debugger')
    expect(review.summary).toContain('This is the mock model')
  })
})

describe('with the mock model and a GitHub of our own', () => {
  const server = startedWith(() => ({
    OPENAI_MODEL: 'mock',
    GITHUB_API_URL: github.url,
    GITHUB_SERVER_URL: github.url,
  }))

  test('the sample’s bug is found, the page says who reviewed, and a second press is a second review', async () => {
    const { url } = server

    const first = await press(url, '/first-review/sample')
    const review = await endOf(url, first)
    const second = await press(url, '/first-review/sample')
    const again = await endOf(url, second)

    expect(review).toMatchObject({ status: 'published', delivery: 'review', coverage: 'full' })
    expect(review.summary).toMatch(/^This is the mock model/)
    expect(review.page).toContain('This is the mock model')
    expect(review.findings.map((finding) => finding.title)).toContain('The loop runs one step past the end of items')
    expect(second.headers.get('location')).not.toBe(first.headers.get('location'))
    expect(again).toMatchObject({ status: 'published', delivery: 'review' })
  })

  test('a public pull request is read without a token and shown, and nothing is written to GitHub', async () => {
    const pull = await openElsewhere()
    const asked = github.requests.length
    const { url } = server

    const review = await endOf(url, await press(url, '/first-review/url', { url: urlOf(pull) }))

    expect(review).toMatchObject({ status: 'published', delivery: 'shown', githubReviewId: null })
    expect(review.findings.map((finding) => finding.title)).toEqual(['The address is asked without TLS'])
    // Fetching is a POST that writes nothing.
    const writes = github.requests.slice(asked).filter((one) => one.method !== 'GET' && !isFetch(one.path))
    expect(writes).toEqual([])
    expect(github.reviewsOf(pull)).toEqual([])
    expect(github.checkRunsOf(pull.headSha)).toEqual([])
  })

  test('a closed pull request can be looked at too', async () => {
    const { url } = server
    const pull = await openElsewhere()
    pull.change({ state: 'closed' })

    const review = await endOf(url, await press(url, '/first-review/url', { url: urlOf(pull) }))

    expect(review).toMatchObject({ status: 'published', delivery: 'shown' })
  })

  test('a pull request that is not there is refused with a sentence', async () => {
    const { url } = server

    const answer = await press(url, '/first-review/url', { url: `${github.url}/nobody/nothing/pull/1` })

    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('There is no such pull request')
  })
})
