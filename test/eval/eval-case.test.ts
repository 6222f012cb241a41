import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readCases } from '../../src/eval/eval-case.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plumbline-cases-'))
})

afterEach(() => rm(dir, { recursive: true }))

const usual = { id: 'one', language: 'Go', difficulty: 'easy', title: 'Do it', problems: [] }
const problem = { path: 'a.go', line: 7, severity: 'High', what: 'It leaks.' }

/** With both trees, unless said otherwise. */
async function addCase(folder: string, caseJson: object, beside: string[] = ['base', 'head']): Promise<void> {
  for (const name of beside) await mkdir(join(dir, folder, name), { recursive: true })
  await mkdir(join(dir, folder), { recursive: true })
  await writeFile(join(dir, folder, 'case.json'), JSON.stringify(caseJson))
}

test('a folder without cases is told to hold none', () => {
  expect(() => readCases(dir)).toThrow('holds no case: a case is a folder with a case.json')
})

test('everything that is wrong with some cases is told at once, each with its file', async () => {
  await addCase('first', { ...usual, problems: [{ ...problem, line: 0 }] })
  await addCase('second', { ...usual, id: '../out' })
  await addCase('third', { ...usual, id: 'three' }, ['base'])
  await mkdir(join(dir, 'fourth'))
  await writeFile(join(dir, 'fourth', 'case.json'), '{')

  const read = (): unknown => readCases(dir)

  expect(read).toThrow(/first\/case\.json: .*\n.*problems\[0\]\.line/)
  expect(read).toThrow(/second\/case\.json: .*\n.*at id/)
  expect(read).toThrow('third has neither base/ with head/ or head.patch beside it, nor a "repo" in it')
  expect(read).toThrow(/fourth\/case\.json: .*JSON/)
})

test('two cases with one id are refused: one would take the place of the other', async () => {
  await addCase('first', usual)
  await addCase('second', usual)

  expect(() => readCases(dir)).toThrow('two cases with the id one')
})

test('cases are read in the order of their ids, with what is not stated filled in', async () => {
  await addCase('a', { ...usual, id: 'two', problems: [problem, { ...problem, start_line: 9, root_cause: 1 }] })
  await addCase('b', { id: 'one', language: 'Go', title: 'Do it', problems: [] })

  const [one, two] = readCases(dir)

  expect(one).toMatchObject({ id: 'one', difficulty: 'not stated', description: '', problems: [] })
  expect(two?.problems).toMatchObject([
    { startLine: 7, line: 7, severity: 'high', rootCause: '#0', words: [] },
    { startLine: 7, line: 9, rootCause: '1' },
  ])
})

test('a case is a patch on its base, two trees, or two commits of a repository beside it', async () => {
  await addCase('a', { ...usual, id: 'patch' }, ['base'])
  await writeFile(join(dir, 'a', 'head.patch'), '')
  await addCase('b', { ...usual, id: 'repo', repo: '../there', base: 'v1', head: 'v2' }, [])
  await addCase('c', { ...usual, id: 'trees' })

  const sources = readCases(dir).map(({ source }) => source)

  expect(sources).toEqual([
    { kind: 'patch', base: join(dir, 'a', 'base'), patch: join(dir, 'a', 'head.patch') },
    { kind: 'repository', dir: join(dir, 'there'), base: 'v1', head: 'v2' },
    { kind: 'trees', base: join(dir, 'c', 'base'), head: join(dir, 'c', 'head') },
  ])
})

test('the folder of one case is read as that case', async () => {
  await addCase('a', usual)

  expect(readCases(join(dir, 'a')).map(({ id }) => id)).toEqual(['one'])
})
