import { describe, expect, test } from 'vitest'
import { type CheckerOptions, createChecker } from '../../src/checks/checker.ts'
import { createMaskedJournal } from '../../src/checks/mask-secrets.ts'
import type { Journal } from '../../src/jobs/ports.ts'
import { ParkedError } from '../../src/review/errors.ts'
import type { ChangedFile } from '../../src/review/pull-request.ts'
import { changeOf, modified } from '../agent/changes.ts'
import { told } from './made-up.ts'

const patient = new AbortController().signal

/** Runs every step, and knows their keys. */
function createOpenJournal(): Journal & { keys: string[] } {
  const keys: string[] = []
  return {
    keys,
    async step(key, _, run) {
      keys.push(key)
      return (await run()).output
    },
  }
}

const broken = modified('src/a.ts', '@@ -1 +1,2 @@\n const a = 1\n+const b = = 2')
const stopped = modified('src/b.ts', '@@ -1 +1,2 @@\n const a = 1\n+debugger')

/** Files at the head and at the base, by path. */
function check(
  files: ChangedFile[],
  texts: { head: Record<string, string>; base?: Record<string, string> },
  options: Partial<CheckerOptions> = {},
) {
  const change = changeOf(files)
  const asked: string[] = []
  const readFile: CheckerOptions['readFile'] = async ({ path, sha }) => {
    const side = sha === change.state.headSha ? 'head' : 'base'
    asked.push(`${side} ${path}`)
    return texts[side]?.[path]
  }
  const checker = createChecker({ journal: createOpenJournal(), readFile, ...options })
  return checker.check(change, files, patient).then((checked) => ({ ...checked, asked }))
}

test('every check speaks, each in its own name', async () => {
  const workflow = modified('.github/workflows/a.yml', '@@ -1 +1,2 @@\n on: push\n+permissions: write-all')
  const leak = modified('src/c.ts', '@@ -1 +1,2 @@\n a\n+const t = "█GitHub token█████████"')
  const head = {
    'src/a.ts': 'const a = 1\nconst b = = 2\n',
    'src/b.ts': 'const a = 1\ndebugger\n',
    'src/c.ts': 'a\nconst t = ""\n',
    '.github/workflows/a.yml': 'on: push\npermissions: write-all\n',
  }

  const { findings, leftOut } = await check([broken, stopped, workflow, leak], {
    head,
    base: { 'src/a.ts': 'const a = 1\n' },
  })

  expect(findings.map(({ path, reviewer }) => `${reviewer} ${path}`)).toEqual([
    'checks:secrets src/c.ts',
    'checks:leftovers src/b.ts',
    'checks:workflows .github/workflows/a.yml',
    'checks:syntax src/a.ts',
  ])
  expect(leftOut).toEqual([])
})

describe('reading files', () => {
  test('a file that parses at the head is read once, and the base not at all', async () => {
    const { asked } = await check([stopped], { head: { 'src/b.ts': 'const a = 1\ndebugger\n' } })

    expect(asked).toEqual(['head src/b.ts'])
  })

  test('a renamed file is read at the base under its former name', async () => {
    const renamed = { ...broken, status: 'renamed' as const, previousPath: 'src/old.ts' }

    const { asked, findings } = await check([renamed], {
      head: { 'src/a.ts': 'a\nb = = 2' },
      base: { 'src/old.ts': 'a' },
    })

    expect(asked).toEqual(['head src/a.ts', 'base src/old.ts'])
    expect(told(findings)).toEqual(['2 This does not parse'])
  })

  test.each([
    ['is not there', {}],
    ['is larger than the limit', { 'src/a.ts': `const b = = 2\n${' '.repeat(300_000)}` }],
  ])('a file that %s costs nothing else, and that it was not parsed is told', async (_, head) => {
    const { findings, leftOut } = await check([broken, stopped], { head: { ...head, 'src/b.ts': 'debugger\n' } })

    expect(told(findings)).toEqual(['2 A debugger statement was left in'])
    expect(leftOut).toEqual([
      { kind: 'noise', path: 'the check syntax', reason: '1 file too large, or no text', files: 0 },
    ])
  })

  test('a new file has no base to compare with, and is not read', async () => {
    const { asked, findings } = await check([{ ...broken, status: 'added' }], { head: { 'src/a.ts': '= =' } })

    expect([asked, findings]).toEqual([[], []])
  })

  test('past 40 files no more are read, and that is told', async () => {
    const files = Array.from({ length: 43 }, (_, index) => modified(`src/${index}.ts`, '@@ -1 +1,2 @@\n a\n+b'))

    const { asked, leftOut } = await check(files, {
      head: Object.fromEntries(files.map(({ path }) => [path, 'a\nb\n'])),
    })

    expect(asked).toHaveLength(40)
    expect(leftOut).toEqual([
      { kind: 'noise', path: 'the check syntax', reason: '3 files more than it reads', files: 0 },
    ])
  })

  test('when GitHub asks to wait, the review waits', async () => {
    const readFile = () => Promise.reject(new ParkedError('GitHub asked to wait', 1_000))

    const checked = check([broken], { head: {} }, { readFile })

    await expect(checked).rejects.toBeInstanceOf(ParkedError)
  })
})

test('a check that could not be run is named, and the others are not lost', async () => {
  const workflow = modified('.github/workflows/a.yml', '@@ -1 +1,2 @@\n on: push\n+permissions: write-all')
  // No text is known that makes the analyzer throw, so this is none.
  const readFile = async ({ path }: { path: string }) => (path.endsWith('.yml') ? ({ length: 1 } as never) : undefined)

  const { findings, leftOut } = await check([workflow, stopped], { head: {} }, { readFile })

  expect(told(findings)).toEqual(['2 A debugger statement was left in'])
  expect(leftOut).toEqual([
    { kind: 'noise', path: 'the check syntax', reason: '1 file too large, or no text', files: 0 },
    { kind: 'unread', path: 'the check workflows', reason: 'it failed on a file of this change', files: 0 },
  ])
})

test('a workflow that is too large to be read is not taken for a harmless one', async () => {
  const workflow = modified('.github/workflows/a.yml', '@@ -1 +1,2 @@\n on: push\n+permissions: write-all')
  const head = { '.github/workflows/a.yml': `on: push\npermissions: write-all\n${'#'.repeat(300_000)}` }

  const { leftOut } = await check([workflow], { head })

  expect(leftOut).toEqual([
    { kind: 'unread', path: 'the check workflows', reason: 'a file was too large, or no text', files: 0 },
  ])
})

test('the checks are one step of the journal, named after the head', async () => {
  const journal = createOpenJournal()

  await check([stopped], { head: {} }, { journal: createMaskedJournal(journal) })

  expect(journal.keys).toEqual([`checks:${'a'.repeat(40)}`])
})

test('the same thing a hundred times is told twenty times', async () => {
  const lines = Array.from({ length: 100 }, () => '+debugger').join('\n')

  const { findings } = await check([modified('src/a.ts', `@@ -0,0 +1,100 @@\n${lines}`)], { head: {} })

  expect(findings).toHaveLength(20)
})
