// `npm run plumbline -- review`, as a person types it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { ReviewRow } from '../../src/store/review-row.ts'
import { startApi } from '../http/api-server.ts'
import { type GitHubStandIn, startGitHub } from '../support/github/github.ts'
import type { PullRequest } from '../support/github/world/pull-request.ts'
import type { Repository } from '../support/github/world/repository.ts'
import { type PlumblineProcess, startProcess } from '../support/processes.ts'

// PGlite makes its folder in two seconds, on a busy machine in ten.
vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'plumbline-review-'))
const processes: PlumblineProcess[] = []
let github: GitHubStandIn
let repository: Repository
let pull: PullRequest

beforeAll(async () => {
  github = await startGitHub()
  repository = await github.createRepository({ installed: 'not-installed', files: { 'src/a.ts': 'export {}\n' } })
})

beforeEach(async () => {
  pull = await repository.openPullRequest({
    files: { 'src/a.ts': 'export const isEmpty = (a: number) => a === NaN\n' },
  })
})

afterEach(() => Promise.all(processes.splice(0).map((one) => one.kill9())))

afterAll(async () => {
  await github.close()
  rmSync(folder, { recursive: true })
  expect(github.violations).toEqual([])
})

function run(entry: string, name: string, args: string[] = []): PlumblineProcess {
  const env = {
    DATA_DIR: join(folder, name),
    // Nobody listens there.
    PORT: entry === 'src/cli.ts' ? '9' : '0',
    OPENAI_MODEL: 'mock',
    GITHUB_API_URL: github.url,
    GITHUB_SERVER_URL: github.url,
  }
  const started = startProcess(entry, env, args)
  processes.push(started)
  return started
}

const address = (): string => `${github.url}/${pull.repository.fullName}/pull/${pull.number}`

test('without a range or an address the help is printed, and it exits with 2', async () => {
  const cli = run('src/cli.ts', 'none', ['review'])

  expect(await cli.ended).toBe(2)
  const printed = cli.lines.join('\n')
  expect(printed).toContain('review needs a range of commits, such as main..HEAD, or the address of a pull request.')
  expect(printed).toContain('Usage: npm run plumbline')
})

test('a server that is named but not there is not replaced by another', async () => {
  const cli = run('src/cli.ts', 'none', ['review', address(), '--url', 'http://127.0.0.1:9'])

  expect(await cli.ended).toBe(1)
  expect(cli.lines.join('\n')).toContain('nothing answers at http://127.0.0.1:9')
})

test('a running server reviews; what it refuses is told in its words', async () => {
  const server = run('src/start.ts', 'data')
  const url = (await server.line(/^Look at /)).replace(/^Look at (.*)\/$/, '$1')

  const refused = run('src/cli.ts', 'none', ['review', 'https://github.example/a/b/pull/1', '--url', url])
  const cli = run('src/cli.ts', 'none', ['review', address(), '--url', url])

  expect([await refused.ended, await cli.ended]).toEqual([1, 0])
  expect(refused.lines.join('\n')).toContain(`Only pull requests on ${github.url} can be reviewed here.`)
  expect(cli.lines.join('\n')).toContain('Nothing equals NaN')
})

test.each<[code: 0 | 1, row: Partial<ReviewRow>]>([
  [0, { status: 'published', coverage: 'full', filesRead: 1 }],
  [0, { status: 'published', coverage: 'partial', filesRead: 1 }],
  [0, { status: 'skipped', reason: 'There is nothing to read.' }],
  [1, { status: 'published', coverage: 'none' }],
  [1, { status: 'published', coverage: null }],
  [1, { status: 'cancelled', reason: 'Somebody said so.' }],
  [1, { status: 'superseded', reason: 'A newer commit was pushed.' }],
  [1, { status: 'failed', error: 'no such model' }],
])('it exits with %i when the review ends as %o', async (code, row) => {
  const { reviews, url } = await startApi()
  reviews.request = async () => ({ kind: 'queued', id: reviews.add(row) })

  const cli = run('src/cli.ts', 'none', ['review', 'https://github.com/octo-org/hello-world/pull/7', '--url', url])

  expect(await cli.ended).toBe(code)
  expect(cli.lines.join('\n')).toContain(`Review 1: ${row.status}`)
})

test('where no server answers, the review runs here, is printed, and the command ends', async () => {
  const cli = run('src/cli.ts', 'data', ['review', address()])

  expect(await cli.ended).toBe(0)
  const printed = cli.lines.join('\n')
  expect(printed).toContain('No server answers at http://127.0.0.1:9, so the review runs here.')
  expect(printed).toMatch(/Review \d+: published/)
  expect(printed).toContain('Shown only: Reviewed: 1 comment')
  expect(printed).toContain('This is the mock model')
  expect(printed).toContain('── src/a.ts:1')
  expect(github.reviewsOf(pull)).toEqual([])
})
