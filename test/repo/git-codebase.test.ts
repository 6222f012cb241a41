import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import type { Codebase, SearchQuery } from '../../src/jobs/code/codebase.ts'
import { createGit } from '../../src/repo/git.ts'
import { createGitCodebase } from '../../src/repo/git-codebase.ts'
import { type Files, git as theirGit } from '../support/github/world/git.ts'
import { addCommit, createFolder, createRepository, git, patient } from './repositories.ts'

let root: string

beforeEach(async () => {
  root = await createFolder()
})

/** Of the last commit, compared with the first. */
async function open(...history: Files[]): Promise<Codebase> {
  const { commits, gitDir } = await createRepository(root, ...history)
  const [base] = commits
  const head = commits.at(-1)
  if (!base || !head) throw new Error('no commit')
  return createGitCodebase({ git, gitDir, base, head })
}

const literal = (pattern: string, more: Partial<SearchQuery> = {}): SearchQuery => ({
  ...{ pattern, kind: 'literal', wholeWord: false, most: 100 },
  ...more,
})

test.each([
  '',
  '/etc/passwd',
  '../served.git/config',
  'src/../a.ts',
  './a.ts',
  'src/',
  'a.ts\0',
  'src',
  'nope',
  '-h',
  ':(top)a.ts',
  '*',
])('nothing is read for a path that names no file: %j', async (path) => {
  const codebase = await open({ 'a.ts': 'one\n', 'src/b.ts': 'two\n' })

  expect(await codebase.readFile(path, 'head', patient)).toBeUndefined()
})

test.each([
  ['a link', { mode: '120000', content: '/etc/passwd' }],
  ['a submodule', { mode: '160000', content: '1'.repeat(40) }],
  ['no UTF-8', Buffer.from([0x61, 0xff])],
  ['1 MB', 'x'.repeat(1024 * 1024)],
] as const)('%s is listed, and has no text', async (_, content) => {
  const codebase = await open({ file: content })

  expect(await codebase.readFile('file', 'head', patient)).toBeUndefined()
  expect(await codebase.list('', patient)).toEqual(['file'])
})

test('odd names are names', async () => {
  const names = ['--upload-pack=touch canary', ':(exclude)*', 'a\nb', 'tab\there', 'ü/😀 "x"', '*.ts', '$(id)']
  const codebase = await open(Object.fromEntries(names.map((name) => [name, `text of ${name}`])))

  const texts = await Promise.all(names.map((name) => codebase.readFile(name, 'head', patient)))
  const found = await codebase.search?.(literal('text of', { under: '--upload-pack=touch canary' }), patient)

  expect(texts).toEqual(names.map((name) => `text of ${name}`))
  expect(await codebase.list('ü', patient)).toEqual(['😀 "x"'])
  expect(found?.hits).toEqual([{ path: names[0], line: 1, text: `text of ${names[0]}` }])
})

test('a file is read as it was at each commit', async () => {
  const codebase = await open({ 'a.ts': '\ufeffone\r\n', 'b.ts': '' }, { 'a.ts': null })

  expect(await codebase.readFile('a.ts', 'base', patient)).toBe('\ufeffone\r\n')
  expect(await codebase.readFile('a.ts', 'head', patient)).toBeUndefined()
  expect(await codebase.readFile('b.ts', 'head', patient)).toBe('')
})

test('a folder lists what is directly in it', async () => {
  const codebase = await open({ 'src/a.ts': '', 'src/z/b.ts': '', 'src/.c': '', 'src-2/d.ts': '', 'e.ts': '' })

  expect(await codebase.list('', patient)).toEqual(['e.ts', 'src-2/', 'src/'])
  expect(await codebase.list('src', patient)).toEqual(['.c', 'a.ts', 'z/'])
  expect(await codebase.list('e.ts', patient)).toEqual([])
  expect(await codebase.list('../', patient)).toEqual([])
})

test('a pattern that runs away is cut off, and what was found so far is told as not everything', async () => {
  const codebase = await open({ 'a.txt': 'xxy\n', 'b.txt': `${'x'.repeat(5_000)}\n` })
  const started = performance.now()

  const query: SearchQuery = { pattern: String.raw`(x+)(x+)(x+)\1\2\3z`, kind: 'regex', wholeWord: false, most: 10 }
  const result = await codebase.search?.(query, patient)

  expect(result?.incomplete).toBe(true)
  expect(performance.now() - started).toBeLessThan(15_000)
})

test('a pattern that takes all memory finds nothing, and does not last', async () => {
  const codebase = await open({ 'a.txt': 'xxy\n' })
  const pattern = '((((x{1,200}){1,200}){1,200}){1,200})y'

  // Refused when the memory is used up, cut off when the time is: whichever comes first on this machine.
  const found = await codebase.search?.({ pattern, kind: 'regex', wholeWord: false, most: 10 }, patient)

  expect(found).toMatchObject({ hits: [], incomplete: true })
})

test('a pattern that is none is refused, with the reason', async () => {
  const codebase = await open({ 'a.txt': 'xxy\n' })
  const search = (pattern: string) => codebase.search?.({ pattern, kind: 'regex', wholeWord: false, most: 10 }, patient)

  const results = [await search('('), await search('x'.repeat(1_001))]

  expect(results).toEqual([
    { hits: [], incomplete: true, refused: expect.stringContaining('Unmatched (') },
    { hits: [], incomplete: true, refused: 'it is longer than 1000 characters' },
  ])
})

test.each(['', 'a\nb', 'a\0b'])('no line holds %j', async (pattern) => {
  const codebase = await open({ 'a.txt': 'a\nb\n' })

  expect(await codebase.search?.(literal(pattern), patient)).toEqual({ hits: [], incomplete: false })
})

test('a search is literal, by word, by expression, or below a folder', async () => {
  const codebase = await open({
    'a.ts': 'total(x)\nsubtotal\r\n',
    'src/b.ts': 'total.x\n',
    'c.bin': Buffer.from('\0total'),
  })
  const search = async (query: SearchQuery): Promise<string[]> =>
    (await codebase.search?.(query, patient))?.hits.map(({ line, path, text }) => `${path}:${line}:${text}`) ?? []

  expect(await search(literal('total'))).toEqual(['a.ts:1:total(x)', 'a.ts:2:subtotal', 'src/b.ts:1:total.x'])
  expect(await search(literal('total', { wholeWord: true }))).toEqual(['a.ts:1:total(x)', 'src/b.ts:1:total.x'])
  expect(await search(literal('total.x'))).toEqual(['src/b.ts:1:total.x'])
  expect(await search(literal('total[.(]x', { kind: 'regex' }))).toEqual(['a.ts:1:total(x)', 'src/b.ts:1:total.x'])
  expect(await search(literal('total', { under: 'src' }))).toEqual(['src/b.ts:1:total.x'])
  expect(await search(literal('total', { under: 'src/b.ts' }))).toEqual(['src/b.ts:1:total.x'])
  expect(await search(literal('total', { under: '../' }))).toEqual([])
  expect(await search(literal('--open-files-in-pager=touch canary'))).toEqual([])
})

test('more hits than asked for are told as not everything, and long lines are cut', async () => {
  const codebase = await open({ 'a.txt': 'x\n'.repeat(5), 'b.min.js': 'x'.repeat(900_000) })

  const some = await codebase.search?.(literal('x', { most: 4 }), patient)
  const all = await codebase.search?.(literal('x', { most: 6 }), patient)

  expect(some).toMatchObject({ incomplete: true })
  expect(some?.hits).toHaveLength(4)
  expect(all).toMatchObject({ incomplete: false })
  expect(all?.hits.at(-1)?.text).toBe('x'.repeat(300))
})

test('the history of lines names the commit of each, newest first', async () => {
  const codebase = await open({ 'a.ts': 'one\ntwo\nthree\n' }, { 'b.ts': '' }, { 'a.ts': 'one\n2\nthree\n' })

  const history = await codebase.history?.('a.ts', { first: 2, last: 9 }, patient)

  expect(history).toEqual([
    { sha: expect.stringMatching(/^[0-9a-f]{40}$/), date: expect.any(String), subject: 'Commit 2', lines: [2] },
    { sha: expect.stringMatching(/^[0-9a-f]{40}$/), date: expect.any(String), subject: 'Commit 0', lines: [3] },
  ])
  expect(history?.map(({ date }) => new Date(date).toISOString())).toEqual(history?.map(({ date }) => date))
})

test.each([
  ['no such file', 'nope', { first: 1, last: 2 }],
  ['lines behind the end', 'a.ts', { first: 5, last: 6 }],
  ['no line', 'a.ts', { first: 0, last: 0 }],
  ['lines backwards', 'a.ts', { first: 2, last: 1 }],
  ['a path outside', '../a.ts', { first: 1, last: 1 }],
])('%s has no history', async (_, path, lines) => {
  const codebase = await open({ 'a.ts': 'one\ntwo\n' })

  expect(await codebase.history?.(path, lines, patient)).toEqual([])
})

test('where a clone ends, nobody knows who changed a line', async () => {
  const { commits, gitDir } = await createRepository(root, { 'a.ts': 'one\ntwo\n' }, { 'a.ts': 'one\n2\n' })
  const third = await addCommit(gitDir, { 'a.ts': 'one\n2\n3\n' }, commits[1], 2)
  await writeFile(join(gitDir, 'shallow'), `${commits[1]}\n`)

  const codebase = createGitCodebase({ git, gitDir, base: third, head: third })
  const history = await codebase.history?.('a.ts', { first: 1, last: 3 }, patient)

  expect(history?.map(({ lines, subject }) => [subject, lines])).toEqual([['Commit 2', [3]]])
})

test('a review that is over ends git', async () => {
  const codebase = await open({ 'b.txt': `${'x'.repeat(5_000)}\n` })
  const over = new AbortController()

  const searching = codebase.search?.(
    { pattern: String.raw`(x+)(x+)(x+)\1\2\3z`, kind: 'regex', wholeWord: false, most: 10 },
    over.signal,
  )
  over.abort(new Error('the lease is over'))

  await expect(searching).rejects.toThrow('the lease is over')
})

test('git sees nothing of our environment, and nothing of its owner’s settings', async () => {
  const programs = join(root, 'bin')
  await mkdir(programs)
  await writeFile(join(programs, 'git'), '#!/bin/sh\nenv\n')
  await chmod(join(programs, 'git'), 0o755)
  const ours = createGit({ PATH: `${programs}:${process.env['PATH']}` })
  process.env['PLUMBLINE_TEST_SECRET'] = 'a-secret-of-ours'

  const output = await ours.read({ what: 'asking', gitDir: root, args: ['x'], signal: patient })
  delete process.env['PLUMBLINE_TEST_SECRET']

  const names = output
    .toString()
    .split('\n')
    .map((line) => line.split('=', 1)[0] ?? '')
  expect(output.toString()).not.toContain('a-secret-of-ours')
  expect(names.filter((name) => !name.startsWith('GIT_'))).toEqual(expect.arrayContaining(['PATH', 'HOME', 'LANG']))
  expect(names.filter((name) => !/^(GIT_\w+|PATH|HOME|LANG|PWD|OLDPWD|SHLVL|_|)$/.test(name))).toEqual([])
})

test('a machine without git says so', async () => {
  const nowhere = createGit({ PATH: root })

  const reading = nowhere.read({ what: 'reading a file', gitDir: root, args: ['x'], signal: patient })

  await expect(reading).rejects.toThrow('reading a file: git ended with 127')
})

test('output beyond the limit ends git', async () => {
  const { commits, gitDir } = await createRepository(root, { 'a.txt': 'x'.repeat(500_000) })

  const call = { what: 'reading', gitDir, args: ['cat-file', 'blob', `${commits[0]}:a.txt`], signal: patient }

  await expect(git.read({ ...call, maxBytes: 1_000 })).rejects.toThrow('reading: there is too much of it')
  expect((await git.read(call)).length).toBe(500_000)
})

test('a repository’s own hooks and programs are not run by reading', async () => {
  const { commits, gitDir } = await createRepository(root, { 'a.ts': 'one\n', '.gitattributes': '* diff=evil\n' })
  const canary = join(root, 'canary')
  const program = join(root, 'program.sh')
  await writeFile(program, `#!/bin/sh\ntouch ${canary}\n`)
  await chmod(program, 0o755)
  await writeFile(join(gitDir, 'info', 'attributes'), '* diff=evil filter=evil\n')
  for (const name of ['core.fsmonitor', 'core.pager', 'diff.evil.textconv', 'diff.external', 'core.hooksPath'])
    await theirGit(gitDir, ['config', name, program])
  const [commit] = commits
  if (!commit) throw new Error('no commit')
  const codebase = createGitCodebase({ git, gitDir, base: commit, head: commit })

  await codebase.readFile('a.ts', 'head', patient)
  await codebase.search?.(literal('one'), patient)
  await codebase.history?.('a.ts', { first: 1, last: 1 }, patient)

  expect(await readdir(root)).not.toContain('canary')
})
