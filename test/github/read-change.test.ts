import { inspect } from 'node:util'
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createChangeReader } from '../../src/github/read-change.ts'
import type { Journal } from '../../src/jobs/ports.ts'
import { ClosedDoorError, ParkedError } from '../../src/review/errors.ts'
import type { PullRequestState } from '../../src/review/pull-request.ts'
import {
  apiUrl,
  baseSha,
  createMockedGitHub,
  headSha,
  otherSha,
  patient,
  pullPath,
  pullRequest,
  ref,
} from './mocked.ts'

const state: PullRequestState = {
  headSha,
  baseSha,
  headRef: 'changes',
  baseRef: 'main',
  title: 'Update the README',
  body: '',
  author: 'Codertocat',
  open: true,
  draft: false,
  locked: false,
  changedFiles: 1,
}

beforeEach(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())

function file(name: string, changes: object = {}) {
  return {
    filename: name,
    status: 'modified',
    additions: 1,
    deletions: 0,
    patch: '@@ -1 +1,2 @@\n one\n+two',
    contents_url: `${apiUrl}/repos/Codertocat/Hello-World/contents/${encodeURIComponent(name)}?ref=${headSha}`,
    ...changes,
  }
}

/** One page of files, one of commits, and the pull request as it is afterwards. */
function mockChange(files: object[], after: object = {}): void {
  nock(apiUrl).get(`${pullPath}/files`).query(true).reply(200, files)
  nock(apiUrl)
    .get(`${pullPath}/commits`)
    .query(true)
    .reply(200, [{ commit: { message: 'Say more\n\nMuch more.' } }])
  nock(apiUrl).get(pullPath).reply(200, pullRequest(after))
}

/** Keeps what was finished, as the real one does. */
function createMemoryJournal(): Journal & { finished: Map<string, unknown> } {
  const finished = new Map<string, unknown>()
  return {
    finished,
    async step(key, input, run) {
      const at = `${key} ${JSON.stringify(input)}`
      if (!finished.has(at)) finished.set(at, (await run()).output)
      // What was stored under this key is what `run` answered.
      return finished.get(at) as never
    },
  }
}

describe('reading the state', () => {
  test.each([
    [404, 'Not Found', /does not exist any more/],
    [403, 'Resource not accessible by integration', /permissions/],
    [451, 'Blocked', /legal reasons/],
  ])('meets a closed door: %i', async (status, message, reason) => {
    const reader = createChangeReader(createMockedGitHub())
    nock(apiUrl).get(pullPath).reply(status, { message })

    const read = reader.readState(ref, patient)

    await expect(read).rejects.toSatisfy((error) => error instanceof ClosedDoorError && reason.test(error.message))
  })

  test('meets a closed door when another repository has taken the name', async () => {
    const reader = createChangeReader(createMockedGitHub())
    nock(apiUrl)
      .get(pullPath)
      .reply(200, pullRequest({ base: { sha: baseSha, ref: 'main', repo: { id: 99 } } }))

    const read = reader.readState(ref, patient)

    await expect(read).rejects.toThrow(ClosedDoorError)
  })

  test('parks until the limit is over', async () => {
    const reader = createChangeReader(createMockedGitHub())
    nock(apiUrl).get(pullPath).reply(403, { message: 'secondary rate limit' }, { 'retry-after': '30' })

    const read = reader.readState(ref, patient)

    await expect(read).rejects.toSatisfy((error) => error instanceof ParkedError && error.delayMs === 30_000)
  })

  test('fails with an ordinary error, without the request in it, when GitHub is down', async () => {
    const reader = createChangeReader(createMockedGitHub())
    nock(apiUrl).get(pullPath).reply(502, '<html>Unicorn!</html>')

    const failure: unknown = await reader.readState(ref, patient).catch((error: unknown) => error)

    expect(failure).toMatchObject({ name: 'Error', message: expect.stringContaining('GitHub answered 502') })
    expect(inspect(failure, { depth: 20, showHidden: true })).not.toMatch(/ghs_|authorization/i)
  })

  test('names the field that GitHub left out', async () => {
    const reader = createChangeReader(createMockedGitHub())
    const { locked: _, ...withoutLock } = pullRequest()
    nock(apiUrl).get(pullPath).reply(200, withoutLock)

    const failure: unknown = await reader.readState(ref, patient).catch((error: unknown) => error)

    expect(inspect(failure)).toMatch(/locked/)
  })

  test('throws the reason of whoever gave up', async () => {
    const reader = createChangeReader(createMockedGitHub())
    const givingUp = new AbortController()
    const reason = new Error('the lease is over')
    nock(apiUrl)
      .get(pullPath)
      .reply(() => (givingUp.abort(reason), [200, pullRequest()]))

    const read = reader.readState(ref, givingUp.signal)

    await expect(read).rejects.toBe(reason)
  })

  test('understands ghosts, empty bodies and deleted forks', async () => {
    const reader = createChangeReader(createMockedGitHub())
    nock(apiUrl)
      .get(pullPath)
      .reply(200, pullRequest({ user: null, body: null, state: 'closed', draft: true, locked: true }))

    const read = await reader.readState(ref, patient)

    expect(read).toEqual({ ...state, author: 'ghost', open: false, draft: true, locked: true })
  })
})

describe('reading the change', () => {
  test.each([
    ['the head', { head: { sha: otherSha, ref: 'changes' } }],
    ['the base', { base: { sha: otherSha, ref: 'main', repo: { id: ref.repositoryId } } }],
    ['the base branch', { base: { sha: baseSha, ref: 'release', repo: { id: ref.repositoryId } } }],
  ])('answers nothing when %s moved meanwhile, and keeps no step', async (_, after) => {
    const journal = createMemoryJournal()
    const reader = createChangeReader(createMockedGitHub(), journal)
    mockChange([file('README.md')], after)

    const change = await reader.readChange(ref, state, patient)

    expect(change).toBeUndefined()
    expect(journal.finished.size).toBe(0)
  })

  test('answers nothing when a file is of another commit, although the head is the same before and after', async () => {
    const reader = createChangeReader(createMockedGitHub())
    mockChange([file('a.ts'), file('b.ts', { contents_url: `${apiUrl}/contents/b.ts?ref=${otherSha}` })])

    const change = await reader.readChange(ref, state, patient)

    expect(change).toBeUndefined()
  })

  test('takes a removed file at whatever commit it was last seen', async () => {
    const reader = createChangeReader(createMockedGitHub())
    mockChange([file('a.ts', { status: 'removed', contents_url: `${apiUrl}/contents/a.ts?ref=${baseSha}` })])

    const change = await reader.readChange(ref, state, patient)

    expect(change?.files).toMatchObject([{ path: 'a.ts', status: 'removed' }])
  })

  test('keeps patches byte for byte, and the absence of one', async () => {
    const reader = createChangeReader(createMockedGitHub())
    const patch = '@@ -1,2 +1,2 @@\r\n-\u202eevil\r\n+\u0000good\n\\ No newline at end of file'
    mockChange([
      file('a.ts', { patch }),
      file('ü ö?.png', { patch: undefined, status: 'renamed', previous_filename: 'ü.png' }),
    ])

    const change = await reader.readChange(ref, state, patient)

    expect(change).toEqual({
      ref,
      state,
      commits: ['Say more'],
      files: [
        { path: 'a.ts', status: 'modified', additions: 1, deletions: 0, patch },
        { path: 'ü ö?.png', previousPath: 'ü.png', status: 'renamed', additions: 1, deletions: 0 },
      ],
    })
  })

  test('reads all pages of files and commits', async () => {
    const reader = createChangeReader(createMockedGitHub())
    const next = { link: `<${apiUrl}/anything?page=2>; rel="next"` }
    const hundred = Array.from({ length: 100 }, (_, index) => file(`${index}.ts`))
    const commits = Array.from({ length: 100 }, (_, index) => ({ commit: { message: `Commit ${index}` } }))
    nock(apiUrl).get(`${pullPath}/files`).query({ per_page: 100, page: 1 }).reply(200, hundred, next)
    nock(apiUrl).get(`${pullPath}/commits`).query({ per_page: 100, page: 1 }).reply(200, commits, next)
    nock(apiUrl).get(`${pullPath}/commits`).query({ per_page: 100, page: 2 }).reply(200, commits.slice(0, 50))
    nock(apiUrl)
      .get(`${pullPath}/files`)
      .query({ per_page: 100, page: 2 })
      .reply(200, [file('last.ts')])
    nock(apiUrl).get(pullPath).reply(200, pullRequest())

    const change = await reader.readChange(ref, state, patient)

    expect(change?.files).toHaveLength(101)
    expect(change?.files.at(-1)?.path).toBe('last.ts')
    expect(change?.commits).toHaveLength(150)
  })

  test('is asked of GitHub once per head and base', async () => {
    const journal = createMemoryJournal()
    mockChange([file('README.md')])
    const first = await createChangeReader(createMockedGitHub(), journal).readChange(ref, state, patient)
    nock.cleanAll()

    const second = await createChangeReader(createMockedGitHub(), journal).readChange(ref, state, patient)

    expect(second).toEqual(first)
    expect([...journal.finished.keys()]).toEqual([expect.stringContaining(headSha)])
  })
})
