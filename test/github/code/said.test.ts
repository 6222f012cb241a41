import nock from 'nock'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSaidReader } from '../../../src/github/code/said.ts'
import { createPublicGitHub } from '../../../src/github/public/public-github.ts'
import { ParkedError } from '../../../src/review/errors.ts'
import { createGitHub } from '../../../src/github/client.ts'
import { apiUrl, botId, createMockedGitHub, mockBot, patient, privateKey, pullPath, ref, silent } from '../mocked.ts'

beforeEach(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())

const linter = { id: 99, login: 'linter[bot]', type: 'Bot' }

function commentBy(user: object | null, changes: object = {}): object {
  return { path: 'src/a.ts', line: 3, side: 'RIGHT', body: 'Unused.', user, ...changes }
}

function mockPage(page: number, comments: object[], headers: Record<string, string> = {}): void {
  nock(apiUrl)
    .get(`${pullPath}/comments`)
    .query({ per_page: '100', page: String(page) })
    .reply(200, comments, headers)
}

function readSaid() {
  mockBot()
  return createSaidReader(createMockedGitHub())(ref, patient)
}

test('people, our own bot and deleted accounts have said nothing', async () => {
  const person = { id: 1, login: 'Codertocat', type: 'User' }
  const ours = { id: botId, login: 'plumbline[bot]', type: 'Bot' }
  mockPage(1, [commentBy(person), commentBy(ours), commentBy(null)])

  const said = await readSaid()

  expect(said).toEqual([])
})

test('what was said on lines that have changed since is not about this head', async () => {
  mockPage(1, [commentBy(linter, { line: null }), commentBy(linter, { line: undefined })])

  const said = await readSaid()

  expect(said).toEqual([])
})

test('a pull request that is gone has no comments', async () => {
  nock(apiUrl).get(`${pullPath}/comments`).query(true).reply(404, { message: 'Not Found' })

  const said = await readSaid()

  expect(said).toEqual([])
})

test('an installation that is gone is not taken for silence', async () => {
  nock(apiUrl).post('/app/installations/7/access_tokens').reply(404, { message: 'Not Found' }).persist()

  const github = createGitHub({ appId: 1, privateKey, apiUrl, log: silent })

  const said = createSaidReader(github)(ref, patient)

  await expect(said).rejects.toThrow('Codertocat/Hello-World#2')
})

test('GitHub asks to wait: the review comes back later', async () => {
  nock(apiUrl).get(`${pullPath}/comments`).query(true).reply(429, { message: 'slow down' }, { 'retry-after': '5' })

  await expect(readSaid()).rejects.toBeInstanceOf(ParkedError)
})

test('all pages are read, however short they are', async () => {
  const next = { link: `<${apiUrl}${pullPath}/comments?page=2>; rel="next"` }
  mockPage(1, [commentBy(linter, { body: 'One.' })], next)
  mockPage(2, [commentBy(linter, { body: 'Two.', path: 'src/b.ts', line: 8, side: 'LEFT' })])

  const said = await readSaid()

  expect(said).toEqual([
    { path: 'src/a.ts', line: 3, side: 'RIGHT', text: 'One.', author: 'linter[bot]' },
    { path: 'src/b.ts', line: 8, side: 'LEFT', text: 'Two.', author: 'linter[bot]' },
  ])
})

test('a manual is cut, and no letter is left in halves', async () => {
  mockPage(1, [commentBy(linter, { body: `${'a'.repeat(3_999)}😀 and so on` })])

  const [said] = await readSaid()

  expect(said?.text).toHaveLength(4_000)
  expect(said?.text.isWellFormed()).toBe(true)
})

test('where the App is not installed, every bot is another one', async () => {
  mockPage(1, [commentBy(linter)])
  const github = createPublicGitHub({ apiUrl, token: undefined })

  const said = await createSaidReader(github)(ref, patient)

  expect(said).toMatchObject([{ author: 'linter[bot]' }])
})
