// The story on the embedded default: one process, `node src/start.ts`, with nothing but a folder.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { aboutChanges, askedAboutChanges } from './support/model/about-changes.ts'
import { type GitHubStandIn, startGitHub } from './support/github/github.ts'
import type { PullRequest } from './support/github/world/pull-request.ts'
import { type ModelStandIn, startModel } from './support/model/model.ts'
import { type PlumblineProcess, startProcess } from './support/processes.ts'

let github: GitHubStandIn
let model: ModelStandIn
let folder: string
const processes: PlumblineProcess[] = []

beforeAll(async () => {
  ;[github, model] = await Promise.all([startGitHub(), startModel()])
})

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-embedded-'))
})

afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.kill9()))
  rmSync(folder, { recursive: true, force: true })
  model.play([])
  github.faults.clear()
  // The next test's database knows nothing of them, and catching up would find them.
  for (const { pullRequests } of github.world.repositories)
    for (const pull of pullRequests) pull.change({ state: 'closed' })
  expect(github.violations).toEqual([])
})

afterAll(() => Promise.all([github.close(), model.close()]))

const patience = { timeout: 60_000, interval: 100 }

async function start(): Promise<PlumblineProcess & { url: string }> {
  const started = startProcess('src/start.ts', {
    APP_ID: String(github.app.id),
    PRIVATE_KEY: github.app.privateKey,
    WEBHOOK_SECRET: github.app.webhookSecret,
    GITHUB_API_URL: github.url,
    GITHUB_SERVER_URL: github.url,
    OPENAI_BASE_URL: model.url,
    OPENAI_API_KEY: 'sk-test-key-of-the-stand-in',
    OPENAI_MODEL: 'stand-in',
    DATA_DIR: folder,
    // As in `test/support/plumbline.ts`.
    MIRROR_MAX_BYTES: '0',
    READ_LAG_MS: '300',
    LEASE_MS: '1500',
    OPENAI_TIMEOUT_MS: '2000',
    PORT: '0',
  })
  processes.push(started)
  const line = await started.line(/^Look at /)
  const url = line.replace('Look at ', '').replace(/\/$/, '')
  github.hooks.target = { url: `${url}/api/github/webhooks`, secret: github.app.webhookSecret }
  return Object.assign(started, { url })
}

async function openPullRequest(): Promise<PullRequest> {
  const repository = await github.createRepository({ files: { 'src/a.ts': 'export const a = 1\n' } })
  return repository.openPullRequest({ files: { 'src/a.ts': 'export const a = 1\nexport const b = a == null\n' } })
}

async function expectOneReview(url: string, pull: PullRequest): Promise<void> {
  await vi.waitFor(() => expect(github.reviewsOf(pull)).toHaveLength(1), patience)
  await vi.waitFor(async () => {
    const answer = (await (await fetch(`${url}/api/reviews`)).json()) as { reviews: { status: string }[] }
    expect(answer.reviews.map((review) => review.status)).toEqual(['published'])
  }, patience)
  expect(github.reviewsOf(pull)).toHaveLength(1)
  expect(github.draftsOf(pull)).toEqual([])
}

test('a delivery that is sent twice ends as one review', { timeout: 120_000 }, async () => {
  const { url } = await start()
  const pull = await openPullRequest()

  const first = await github.send(pull, 'opened')
  const second = await github.send(pull, 'reopened')

  expect([first.status, second.status]).toEqual([202, 202])
  await expectOneReview(url, pull)
})

test('killed in the middle of a review and started again, it loses nothing', { timeout: 120_000 }, async () => {
  const killed = await start()
  const pull = await openPullRequest()
  const asked = askedAboutChanges(model).length
  model.play(aboutChanges([{ kind: 'hang' }]))
  await github.send(pull, 'opened')
  await vi.waitFor(() => expect(askedAboutChanges(model).length).toBe(asked + 1), patience)

  await killed.kill9()
  const { url } = await start()

  await expectOneReview(url, pull)
})

test('killed between create and submit and started again, it submits the draft', { timeout: 120_000 }, async () => {
  const killed = await start()
  const pull = await openPullRequest()
  const asked = askedAboutChanges(model).length
  github.before({ method: 'POST', path: /\/reviews\/\d+\/events$/ }, () => killed.kill9())
  github.faults.add({ kind: 'drop', method: 'POST', path: /\/reviews\/\d+\/events$/ })

  await github.send(pull, 'opened')
  await killed.ended
  const { url } = await start()

  await expectOneReview(url, pull)
  // One answer to find, one to verify.
  expect(askedAboutChanges(model).length).toBe(asked + 2)
})

test.each([
  [
    'answers nonsense twice',
    [
      { kind: 'text', text: 'No.' },
      { kind: 'text', text: 'No.' },
    ],
  ],
  ['asks to wait', [{ kind: '429', retryAfter: 1 }]],
  ['does not answer in time', [{ kind: 'hang' }]],
] as const)('a model that %s is asked again', { timeout: 120_000 }, async (_, answers) => {
  const { url } = await start()
  const pull = await openPullRequest()
  model.play(aboutChanges(answers))

  await github.send(pull, 'opened')

  await expectOneReview(url, pull)
})

test.each([
  ['create', /\/pulls\/\d+\/reviews$/],
  ['submit', /\/reviews\/\d+\/events$/],
])('a %s that GitHub carried out but answered with 502 is not doubled', { timeout: 120_000 }, async (_, path) => {
  const { url } = await start()
  const pull = await openPullRequest()
  github.faults.add({ kind: 'commit-then-502', method: 'POST', path })

  await github.send(pull, 'opened')

  await expectOneReview(url, pull)
})

test('when the head moves before the submit, only the new head is reviewed', { timeout: 120_000 }, async () => {
  await start()
  const pull = await openPullRequest()
  github.before({ method: 'POST', path: /\/pulls\/\d+\/reviews$/ }, () => pull.push({ 'src/b.ts': 'export {}\n' }))

  await github.send(pull, 'opened')

  await vi.waitFor(() => expect(github.reviewsOf(pull)).toHaveLength(1), patience)
  expect(github.reviewsOf(pull)[0]?.commitSha).toBe(pull.headSha)
  expect(github.draftsOf(pull)).toEqual([])
})

test('a second process on the same folder is refused, and the first one is named', { timeout: 120_000 }, async () => {
  const first = await start()

  const second = startProcess('src/start.ts', { DATA_DIR: folder, PORT: '0' })

  expect(await second.ended).toBe(1)
  expect(second.lines.join('\n')).toContain(`${folder} is in use by process ${first.pid}`)
})
