// The story on the embedded default: one process, `node src/start.ts`, with nothing but a folder.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
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
    READ_LAG_MS: '300',
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
  const asked = model.requests.length
  model.play([{ kind: 'hang' }])
  await github.send(pull, 'opened')
  await vi.waitFor(() => expect(model.requests.length).toBe(asked + 1), patience)

  await killed.kill9()
  const { url } = await start()

  await expectOneReview(url, pull)
})

test('a second process on the same folder is refused, and the first one is named', { timeout: 120_000 }, async () => {
  const first = await start()

  const second = startProcess('src/start.ts', { DATA_DIR: folder, PORT: '0' })

  expect(await second.ended).toBe(1)
  expect(second.lines.join('\n')).toContain(`${folder} is in use by process ${first.pid}`)
})
