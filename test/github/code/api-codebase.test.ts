import nock from 'nock'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApiCodebase } from '../../../src/github/code/api-codebase.ts'
import { createFetchToken } from '../../../src/github/code/fetch-token.ts'
import type { Codebase } from '../../../src/jobs/code/codebase.ts'
import { ParkedError } from '../../../src/review/errors.ts'
import { createGitHub } from '../../../src/github/client.ts'
import { createFileReader } from '../../../src/github/read-file.ts'
import { apiUrl, baseSha, createMockedGitHub, headSha, patient, privateKey, ref, silent } from '../mocked.ts'

beforeEach(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())

function createOurs(): Codebase {
  const github = createMockedGitHub()
  const readFile = createFileReader(github, ref)
  return createApiCodebase(github, { ref, state: { baseSha, headSha } }, readFile)
}

function mockContents(
  path: string,
  sha: string,
  reply: [status: number, body: object, headers?: Record<string, string>],
) {
  nock(apiUrl)
    // Octokit drops the slash at the end.
    .get(`/repos/Codertocat/Hello-World/contents/${encodeURIComponent(path)}`.replace(/\/$/, ''))
    .query({ ref: sha })
    .reply(...reply)
}

const file = (text: string) => ({ type: 'file', encoding: 'base64', content: Buffer.from(text).toString('base64') })

test.each(['../../installation', 'a/../b', './a', '/etc/passwd', 'a//b', 'a/'])(
  'a path that git cannot have is not asked for: %s',
  async (path) => {
    const codebase = createOurs()

    const answers = [await codebase.readFile(path, 'head', patient), await codebase.list(path, patient)]

    expect(answers).toEqual([undefined, []])
  },
)

test('a file is read at either commit, and one that is not there is no error', async () => {
  mockContents('src/a.ts', headSha, [200, file('two\n')])
  mockContents('src/a.ts', baseSha, [404, { message: 'Not Found' }])
  const codebase = createOurs()

  const texts = [
    await codebase.readFile('src/a.ts', 'head', patient),
    await codebase.readFile('src/a.ts', 'base', patient),
  ]

  expect(texts).toEqual(['two\n', undefined])
})

test('a folder is listed at the head, sorted, folders with a slash', async () => {
  const entry = (name: string, type: string) => ({ name, type, path: `src/${name}` })
  mockContents('src', headSha, [200, [entry('z.ts', 'file'), entry('a', 'dir'), entry('link', 'symlink')]])

  const names = await createOurs().list('src', patient)

  expect(names).toEqual(['a/', 'link', 'z.ts'])
})

test.each([
  ['no such folder', 404, { message: 'Not Found' }],
  ['a file', 200, file('text')],
])('%s has nothing in it', async (_, status, body) => {
  mockContents('src', headSha, [status, body])

  const names = await createOurs().list('src', patient)

  expect(names).toEqual([])
})

test('GitHub asks to wait: the review comes back later', async () => {
  mockContents('', headSha, [429, { message: 'slow down' }, { 'retry-after': '5' }])

  const listing = createOurs().list('', patient)

  await expect(listing).rejects.toBeInstanceOf(ParkedError)
})

test('without a mirror nothing can be searched, and no history told', () => {
  const codebase = createOurs()

  expect([codebase.search, codebase.history]).toEqual([undefined, undefined])
})

test('a token for git opens one repository, for reading', async () => {
  const wishes: unknown[] = []
  nock(apiUrl)
    .post('/app/installations/7/access_tokens', (body: { repository_ids?: number[] }) => {
      wishes.push(body)
      return body.repository_ids !== undefined
    })
    .reply(201, { token: 'ghs_narrow', expires_at: '2099-01-01T00:00:00Z', permissions: { contents: 'read' } })
  const github = createGitHub({ appId: 1, privateKey, apiUrl, log: silent })

  const token = await createFetchToken(github)(7, ref.repositoryId, patient)

  expect(token).toBe('ghs_narrow')
  expect(wishes).toEqual([{ repository_ids: [ref.repositoryId], permissions: { contents: 'read' } }])
})
