// The lines around the hunks: a definition four lines above a hunk must not look missing.
import { describe, expect, test } from 'vitest'
import { estimateTokens } from '../../src/agent/budget.ts'
import { readAround } from '../../src/agent/context.ts'
import { type ShownFile, showFile } from '../../src/agent/shown-file.ts'
import { LostLeaseError, ParkedError } from '../../src/review/errors.ts'
import { modified } from './changes.ts'
import { createLibrary, type MemoryLibrary } from './library.ts'

const patient = new AbortController().signal

/** A function of so many lines, the first one at line 1. */
function functionOf(lines: number, name = 'walk'): string {
  const inner = Array.from({ length: lines - 2 }, (_, index) => `  step(${index + 2})\n`)
  return `function ${name}(list) {\n${inner.join('')}}\n`
}

/** One changed line, with three lines around it. */
function changeAt(path: string, line: number): ShownFile {
  const rows = [-3, -2, -1].map((by) => `   step(${line + by})`)
  const after = [1, 2, 3].map((by) => `   step(${line + by})`)
  const patch = [`@@ -${line - 3},7 +${line - 3},7 @@`, ...rows, '-  old()', `+  step(${line})`, ...after].join('\n')
  const shown = showFile(modified(path, patch))
  if ('reason' in shown) throw new Error(shown.reason)
  return shown
}

function around(files: ShownFile[], library: MemoryLibrary, maxTokens = 3_000) {
  return readAround(files, { library, maxTokens }, patient)
}

describe('nothing', () => {
  test.each([
    ['no such file, or a binary one', createLibrary({})],
    ['a file that cannot be read', createLibrary({}, { readFile: () => Promise.reject(new Error('git is gone')) })],
  ])('is shown of %s', async (_, library) => {
    const shown = await around([changeAt('src/a.ts', 20)], library)

    expect(shown).toEqual({ texts: [], opened: [] })
  })

  test.each([new LostLeaseError('gone'), new ParkedError('later', 1_000)])('goes on after %s', async (error) => {
    const library = createLibrary({}, { readFile: () => Promise.reject(error) })

    const failure = around([changeAt('src/a.ts', 20)], library)

    await expect(failure).rejects.toBe(error)
  })
})

describe('what stands above a change', () => {
  test.each([
    ['that is in no function', 'step()\n'.repeat(40)],
    ['whose function the hunk has whole', `${'\n'.repeat(17)}${functionOf(5)}${'\n'.repeat(20)}`],
  ])('%s is shown, ten lines of it', async (_, text) => {
    const { opened } = await around([changeAt('src/a.ts', 20)], createLibrary({ 'src/a.ts': text }))

    expect(opened).toEqual([{ path: 'src/a.ts', first: 7, last: 16 }])
  })

  test('begins where the file does', async () => {
    const { opened, texts } = await around(
      [changeAt('src/a.ts', 5)],
      createLibrary({ 'src/a.ts': 'step()\n'.repeat(9) }),
    )

    expect(texts).toEqual(['=== src/a.ts (unchanged lines around the hunks)\n1  step()'])
    expect(opened).toEqual([{ path: 'src/a.ts', first: 1, last: 1 }])
  })
})

describe('the enclosing function', () => {
  test('is shown from its head to its end, without the lines of the hunk', async () => {
    const library = createLibrary({ 'src/a.ts': functionOf(30) })

    const { opened, texts } = await around([changeAt('src/a.ts', 20)], library)

    expect(opened).toEqual([
      { path: 'src/a.ts', first: 1, last: 16 },
      { path: 'src/a.ts', first: 24, last: 30 },
    ])
    const rows = texts[0]?.split('\n') ?? []
    expect(rows.slice(0, 3)).toEqual([
      '=== src/a.ts (unchanged lines around the hunks)',
      '1  function walk(list) {',
      '2    step(2)',
    ])
    expect(rows[17]).toBe('…')
    expect(rows).not.toContain('20    step(20)')
  })

  test('of a long one, only the head and what is near', async () => {
    const library = createLibrary({ 'src/a.ts': functionOf(400) })

    const { opened } = await around([changeAt('src/a.ts', 200)], library)

    expect(opened).toEqual([
      { path: 'src/a.ts', first: 1, last: 3 },
      { path: 'src/a.ts', first: 175, last: 196 },
      { path: 'src/a.ts', first: 204, last: 225 },
    ])
  })

  test('one that only begins in the context of a hunk was not touched, and stays away', async () => {
    const library = createLibrary({ 'src/a.ts': `const a = 1\n\n${functionOf(60)}` })
    const hunk = ['@@', '1 -const a = 0', '1 +const a = 1', '2  ', '3  function long() {'].join('\n')

    const { opened } = await around([{ ...changeAt('src/a.ts', 20), hunks: [hunk] }], library)

    expect(opened).toEqual([])
  })

  test('nothing is shown twice where two hunks lie in one function', async () => {
    const library = createLibrary({ 'src/a.ts': functionOf(60) })
    const [one, two] = [changeAt('src/a.ts', 20), changeAt('src/a.ts', 40)]

    const { texts } = await around([{ ...one, hunks: [...one.hunks, ...two.hunks] }], library)

    const numbers = texts.join('\n').match(/^\d+/gm) ?? []
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers).toHaveLength(60 - 2 * 7)
  })
})

describe('the room', () => {
  test.each([0, 99, 150, 400, 2_000])(
    'never more than %i tokens, and the first files come first',
    async (maxTokens) => {
      const paths = Array.from({ length: 20 }, (_, index) => `src/${index}.ts`)
      const library = createLibrary(Object.fromEntries(paths.map((path) => [path, functionOf(40)])))

      const { opened, texts } = await around(
        paths.map((path) => changeAt(path, 20)),
        library,
        maxTokens,
      )

      expect(estimateTokens(texts.map((text) => `${text}\n`).join(''))).toBeLessThanOrEqual(maxTokens)
      expect(opened.every(({ path }, index) => path === paths[Math.floor(index / 2)])).toBe(true)
    },
  )

  test('is not negative: a frame that is too large leaves none', async () => {
    const library = createLibrary({ 'src/a.ts': functionOf(30) })

    const { texts } = await around([changeAt('src/a.ts', 20)], library, -5_000)

    expect(texts).toEqual([])
    expect(library.asked).toEqual([])
  })
})
