import nock from 'nock'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFileReader } from '../../src/github/read-file.ts'
import { ClosedDoorError, ParkedError } from '../../src/review/errors.ts'
import { apiUrl, createMockedGitHub, headSha, patient, ref } from './mocked.ts'

beforeEach(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())

const at = { path: 'src/a b/ü.ts', sha: headSha }

/** GitHub's answer to a read of the file at the head. */
function mockFile(status: number, body: object, headers: Record<string, string> = {}, path = at.path): void {
  nock(apiUrl)
    .get(`/repos/Codertocat/Hello-World/contents/${encodeURIComponent(path)}`)
    .query({ ref: headSha })
    .reply(status, body, headers)
}

const file = (bytes: Buffer) => ({
  type: 'file',
  encoding: 'base64',
  size: bytes.length,
  content: bytes.toString('base64'),
})

test('reads a file at a commit', async () => {
  mockFile(200, file(Buffer.from('const ü = 1\n')))

  const text = await createFileReader(createMockedGitHub(), ref)(at, patient)

  expect(text).toBe('const ü = 1\n')
})

test('a file is asked for once in a review', async () => {
  mockFile(200, file(Buffer.from('once\n')))
  const readFile = createFileReader(createMockedGitHub(), ref)

  const texts = [await readFile(at, patient), await readFile(at, patient)]

  expect(texts).toEqual(['once\n', 'once\n'])
})

test('what was not there is asked for again', async () => {
  mockFile(404, { message: 'Not Found' })
  mockFile(200, file(Buffer.from('here\n')))
  const readFile = createFileReader(createMockedGitHub(), ref)

  const texts = [await readFile(at, patient), await readFile(at, patient)]

  expect(texts).toEqual([undefined, 'here\n'])
})

test('more than 8 Mi characters are not kept', async () => {
  const readFile = createFileReader(createMockedGitHub(), ref)
  const large = (name: string) => ({ ...at, path: name })
  for (const name of ['a', 'b', 'c', 'c']) mockFile(200, file(Buffer.alloc(4 * 1024 * 1024 - 1, name)), {}, name)

  const texts = await Promise.all(['a', 'b'].map((name) => readFile(large(name), patient)))
  for (const name of ['a', 'b', 'c', 'c']) texts.push(await readFile(large(name), patient))

  expect(texts.map((text) => text?.[0])).toEqual(['a', 'b', 'a', 'b', 'c', 'c'])
  expect(nock.pendingMocks().filter((mock) => mock.includes('contents'))).toEqual([])
})

test.each([
  ['a file that is not there', 404, { message: 'Not Found' }],
  ['a file that is no text', 200, file(Buffer.from([0xff, 0xfe, 0x00]))],
  ['a file that is too large for the answer', 200, { type: 'file', encoding: 'none', size: 2_000_000, content: '' }],
  ['a link', 200, { type: 'symlink', target: '/etc/passwd', size: 11 }],
  ['a folder', 200, [{ type: 'file', name: 'a.ts' }]],
])('answers nothing for %s', async (_, status, body) => {
  mockFile(status, body)

  const text = await createFileReader(createMockedGitHub(), ref)(at, patient)

  expect(text).toBeUndefined()
})

test('waits when GitHub asks to', async () => {
  mockFile(429, { message: 'secondary rate limit' }, { 'retry-after': '7' })

  const reading = createFileReader(createMockedGitHub(), ref)(at, patient)

  await expect(reading).rejects.toBeInstanceOf(ParkedError)
})

test('meets a closed door', async () => {
  mockFile(403, { message: 'Resource not accessible by integration' })

  const reading = createFileReader(createMockedGitHub(), ref)(at, patient)

  await expect(reading).rejects.toBeInstanceOf(ClosedDoorError)
})
