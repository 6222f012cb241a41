import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { readdir, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { createMirrors, type Mirrors, type MirrorSource } from '../../src/repo/mirror.ts'
import { commitSha } from '../../src/review/ids.ts'
import type { Files } from '../support/github/world/git.ts'
import { type GitServer, startGitServer } from './git-server.ts'
import { addCommit, allTextBelow, createFolder, createRepository, git, patient } from './repositories.ts'

const token = 'ghs_a-token-that-nobody-may-see'
const encoded = Buffer.from(`x-access-token:${token}`).toString('base64')

let root: string
let folder: string
let server: GitServer
let told: string[]

beforeEach(async () => {
  root = await createFolder()
  folder = join(root, 'mirrors')
  told = []
})

/** The last two commits are base and head. */
async function serve(...history: Files[]): Promise<{ gitDir: string; source: MirrorSource }> {
  const { commits, gitDir } = await createRepository(root, ...history)
  server = await startGitServer(root, { token })
  const [base, head = base] = commits.slice(-2)
  if (!base || !head) throw new Error('no commit')
  return { gitDir, source: { repositoryId: 7, url: server.url, base, head, token: async () => token } }
}

/** Of every process on this machine. */
function readCommandLines(): string {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return ids.map((id) => readIfThere(`/proc/${id}/cmdline`)).join('\n')
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // it has ended meanwhile
  }
}

function createOurs(maxBytes = 1e9): Mirrors {
  const log = (fields: object, text: string): void => void told.push(`${text} ${JSON.stringify(fields)}`)
  const options = { git, folder, maxBytes, certificateFile: undefined }
  return createMirrors({ ...options, log: { info: log, warn: log, error: log } })
}

const packFolder = (): string => join(folder, '7', 'objects', 'pack')
const packs = async (): Promise<string[]> => (await readdir(packFolder())).filter((name) => name.endsWith('.pack'))

test('a server that refuses costs the mirror, and its echo of the token is not told', async () => {
  const { source } = await serve({ 'a.ts': 'one\n' })
  const wrong = 'ghs_another-token-that-nobody-may-see'

  const codebase = await createOurs().open({ ...source, token: async () => wrong }, patient)

  expect(codebase).toBeUndefined()
  expect(server.authorizations.filter(Boolean)).not.toEqual([])
  expect(told).toEqual([expect.stringContaining('its files are asked for one by one')])
  expect(told.join()).toContain('git ended with 128')
  expect(told.join()).not.toContain(wrong)
  expect(told.join()).not.toContain(Buffer.from(`x-access-token:${wrong}`).toString('base64'))
})

test('a commit that is not there costs this review its mirror, and no other', async () => {
  const { source } = await serve({ 'a.ts': 'one\n' }, { 'a.ts': 'two\n' })
  const mirrors = createOurs()
  await mirrors.open(source, patient)

  const unknown = await mirrors.open({ ...source, head: commitSha('d'.repeat(40)) }, patient)
  const known = await mirrors.open(source, patient)

  expect(unknown).toBeUndefined()
  expect(await known?.readFile('a.ts', 'head', patient)).toBe('two\n')
})

test.each([
  ['a local path', '/srv/secret.git'],
  ['another protocol', 'ext::sh -c touch% /tmp/canary'],
  ['a file', 'file:///srv/secret.git'],
  ['an option', '--upload-pack=touch /tmp/canary'],
  ['credentials', 'https://user:hunter2@github.test/a/b.git'],
])('%s is no server to fetch from', async (_, url) => {
  const { source } = await serve({ 'a.ts': 'one\n' })

  const opening = createOurs().open({ ...source, url }, patient)

  await expect(opening).rejects.toThrow(TypeError)
  expect(server.authorizations).toEqual([])
})

test('a repository that is too large is given up, and remembered until there is more room', async () => {
  const files = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`${n}.bin`, randomBytes(500_000)]))
  const { source } = await serve({ ...files, 'a.ts': 'one\n' })

  const first = await createOurs(2_000_000).open(source, patient)
  const requests = server.authorizations.length
  const second = await createOurs(2_000_000).open(source, patient)
  const left = await readdir(folder)
  const roomy = await createOurs(20_000_000).open(source, patient)

  expect([first, second]).toEqual([undefined, undefined])
  expect(told).toEqual([expect.stringContaining('a repository is too large for a mirror')])
  expect(left).toEqual(['7.too-large'])
  expect(requests).toBeGreaterThan(0)
  expect(await roomy?.readFile('a.ts', 'head', patient)).toBe('one\n')
})

test('a mirror that cannot be read is made anew', async () => {
  const { source } = await serve({ 'a.ts': 'one\n' }, { 'a.ts': 'two\n' })
  const mirrors = createOurs()
  const broken = await mirrors.open(source, patient)
  const [pack = ''] = await packs()
  await truncate(join(packFolder(), pack), 40)

  const reading = broken?.readFile('a.ts', 'head', patient)
  await expect(reading).rejects.toThrow('reading a file: git ended with 128')
  const anew = await mirrors.open(source, patient)

  expect(await anew?.readFile('a.ts', 'head', patient)).toBe('two\n')
})

test('a folder that is no repository any more is made anew', async () => {
  const { source } = await serve({ 'a.ts': 'one\n' }, { 'a.ts': 'two\n' })
  const mirrors = createOurs()
  await mirrors.open(source, patient)
  await writeFile(join(folder, '7', 'HEAD'), 'nonsense')

  const anew = await mirrors.open(source, patient)

  expect(await anew?.readFile('a.ts', 'head', patient)).toBe('two\n')
})

test('a lock that a dead process left is taken over', async () => {
  const { source } = await serve({ 'a.ts': 'one\n' })
  const mirrors = createOurs()
  await mirrors.open(source, patient)
  await writeFile(join(folder, '7.lock'), 'of a dead process')
  const minuteAgo = new Date(Date.now() - 60_000)
  await utimes(join(folder, '7.lock'), minuteAgo, minuteAgo)

  const codebase = await mirrors.open(source, patient)

  expect(await codebase?.list('', patient)).toEqual(['a.ts'])
  expect(await readdir(folder)).toEqual(['7'])
})

test('who waits for another process gives up when the review is over', async () => {
  const { source } = await serve({ 'a.ts': 'one\n' })
  const mirrors = createOurs()
  await mirrors.open(source, patient)
  await writeFile(join(folder, '7.lock'), 'of a living process')
  const over = new AbortController()

  const opening = mirrors.open(source, over.signal)
  over.abort(new Error('the lease is over'))

  await expect(opening).rejects.toThrow('the lease is over')
})

test('a repository is fetched once, whoever asks for it at the same time', async () => {
  const { source } = await serve({ 'a.ts': 'one\n' }, { 'a.ts': 'two\n' })
  const [ours, ofAnotherProcess] = [createOurs(), createOurs()]

  const codebases = await Promise.all([ours, ours, ofAnotherProcess].map((one) => one.open(source, patient)))

  const texts = await Promise.all(codebases.map(async (one) => one?.readFile('a.ts', 'head', patient)))
  expect(texts).toEqual(['two\n', 'two\n', 'two\n'])
  expect(await codebases[0]?.readFile('a.ts', 'base', patient)).toBe('one\n')
  expect(await packs()).toHaveLength(1)
  expect(told).toEqual([])
})

test('the token is in no argument, file, message or address', async () => {
  const { source } = await serve({ 'a.ts': 'one\n' }, { 'a.ts': 'two\n' })
  let commandLines = ''
  server.onRequest = () => (commandLines += readCommandLines())

  await createOurs().open(source, patient)

  const seen = `${commandLines}\n${await allTextBelow(folder)}\n${told.join()}`
  expect(commandLines).toContain('fetch')
  expect(server.authorizations).toContain(`Basic ${encoded}`)
  expect(seen).not.toContain(token)
  expect(seen).not.toContain(encoded)
  expect(seen).not.toContain('Authorization')
})

test('what was not used for longest makes room', async () => {
  const { source } = await serve({ 'a.bin': randomBytes(600_000) })
  const mirrors = createOurs(1_500_000)
  for (const repositoryId of [1, 2]) await mirrors.open({ ...source, repositoryId }, patient)
  const hoursAgo = new Date(Date.now() - 3 * 3_600_000)
  await utimes(join(folder, '1'), hoursAgo, hoursAgo)

  await mirrors.open({ ...source, repositoryId: 3 }, patient)

  expect(await readdir(folder)).toEqual(['2', '3'])
})

test('a file of 1 MB is neither fetched nor read, and the rest is searched all the same', async () => {
  const large = 'needle '.repeat(150_000)
  const { source } = await serve({ 'large.txt': large, 'a.ts': 'a needle\n' }, { 'b.ts': 'two\n' })

  const codebase = await createOurs().open(source, patient)

  const query = { pattern: 'needle', kind: 'literal', wholeWord: false, most: 10 } as const
  expect(await codebase?.readFile('large.txt', 'head', patient)).toBeUndefined()
  expect(await codebase?.list('', patient)).toEqual(['a.ts', 'b.ts', 'large.txt'])
  expect(await codebase?.search?.(query, patient)).toEqual({
    hits: [{ path: 'a.ts', line: 1, text: 'a needle' }],
    incomplete: false,
  })
})

test('packs are put together before there are many', async () => {
  const { gitDir, source } = await serve({ 'a.ts': 'one\n' })
  const mirrors = createOurs()
  let { head } = source

  for (let n = 0; n < 25; n++) {
    head = await addCommit(gitDir, { 'a.ts': `${n}\n` }, head, n)
    await mirrors.open({ ...source, head }, patient)
  }

  const last = await mirrors.open({ ...source, head }, patient)
  expect(await last?.readFile('a.ts', 'head', patient)).toBe('24\n')
  expect(await last?.readFile('a.ts', 'base', patient)).toBe('one\n')
  expect((await packs()).length).toBeLessThan(20)
  expect(told).toEqual([])
})

test('without room there are no mirrors', async () => {
  const { source } = await serve({ 'a.ts': 'one\n' })

  const codebase = await createOurs(0).open(source, patient)

  expect(codebase).toBeUndefined()
  expect(server.authorizations).toEqual([])
})
