// What each tool answers, and which lines count as opened by it.
import { describe, expect, test } from 'vitest'
import type { ShownFile } from '../../../src/agent/shown-file.ts'
import { createToolbox, type Shown } from '../../../src/agent/tools/toolbox.ts'
import type { Library } from '../../../src/agent/tools/tool.ts'
import { problemOfStrictSchema } from '../../support/model/strict-schema.ts'
import { createLibrary } from '../library.ts'
import { createMemoryJournal } from '../memory-journal.ts'

const patient = new AbortController().signal

function boxOver(library: Library) {
  return createToolbox({ library, journal: createMemoryJournal(), headSha: 'a'.repeat(40) })
}

function ask(library: Library, name: string, given: object): Promise<Shown> {
  return boxOver(library).run({ id: '1', name, arguments: JSON.stringify(given) }, patient)
}

const numberedLines = (count: number): string => Array.from({ length: count }, (_, i) => `line ${i + 1}\n`).join('')

describe('what is cut off', () => {
  test('an answer has at most 10,000 characters, says what is missing, and opens only what it shows', async () => {
    const library = createLibrary({ 'a.ts': `${'x'.repeat(120)}\n`.repeat(250) })

    const { opened, text } = await ask(library, 'read_file', { path: 'a.ts' })

    expect(text.length).toBeLessThan(10_100)
    const rows = text.split('\n')
    expect(rows.at(-1)).toMatch(/^\(cut: \d+ more lines; ask for less/)
    const last = Number(/^\d+/.exec(rows.at(-2) ?? '')?.[0])
    expect(opened).toEqual([{ path: 'a.ts', first: 1, last }])
    expect(last).toBeLessThan(100)
  })

  test('a line of 40,000 characters is cut, is not opened, and hides no other line', async () => {
    const library = createLibrary({ 'a.js': `first\n${'x'.repeat(40_000)}\nlast\n` })

    const { opened, text } = await ask(library, 'read_file', { path: 'a.js' })

    expect(text).toMatch(/1 {2}first\n2 {2}x{1900,2000} \[cut\]\n3 {2}last$/)
    expect(opened).toEqual([
      { path: 'a.js', first: 1, last: 1 },
      { path: 'a.js', first: 3, last: 3 },
    ])
  })

  test('a long diff opens the new lines that it shows, however its removed ones are numbered', async () => {
    const removed = Array.from({ length: 45 }, (_, i) => `${900 + i} -${'x'.repeat(240)}`)
    const file: ShownFile = {
      path: 'a.ts',
      changedLines: 82,
      header: '=== a.ts',
      hunks: [`@@\n5 +new\n${removed.join('\n')}`, `@@\n500 +never shown`],
      hidden: [],
    }

    const { opened, text } = await ask({ ...createLibrary({}), files: [file] }, 'file_diff', { path: 'a.ts' })

    expect(text).toContain('(cut: ')
    expect(opened).toEqual([{ path: 'a.ts', first: 5, last: 5 }])
  })

  test('hits beyond the last row that fits are not opened', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`src/${'d'.repeat(200)}/${i}.ts`, 'needle\n']),
    )

    const { opened, text } = await ask(createLibrary(files), 'search', { pattern: 'needle' })

    expect(opened).toHaveLength(text.split('\n').length - 1)
    expect(opened.length).toBeLessThan(60)
  })
})

describe('read_file', () => {
  test('gives the lines that were asked for, with their numbers', async () => {
    const library = createLibrary({ 'src/a.ts': numberedLines(10) })

    const { opened, text } = await ask(library, 'read_file', { path: './src/a.ts', first_line: '4', last_line: 5 })

    expect(text).toBe('=== src/a.ts, lines 4 to 5 of 10\n4  line 4\n5  line 5')
    expect(opened).toEqual([{ path: 'src/a.ts', first: 4, last: 5 }])
  })

  test.each([
    [{ first_line: -3, last_line: 2 }, 1, 2],
    [{ first_line: 9, last_line: 1 }, 9, 9],
    [{ first_line: 8, last_line: 1e9 }, 8, 10],
    [{ first_line: null, last_line: null }, 1, 10],
  ])('makes %j a range that the file has', async (range, first, last) => {
    const library = createLibrary({ 'a.ts': numberedLines(10) })

    const { opened } = await ask(library, 'read_file', { path: 'a.ts', ...range })

    expect(opened).toEqual([{ path: 'a.ts', first, last }])
  })

  test('says how long a file is when the lines are past its end, and that a binary is none', async () => {
    const library = createLibrary({ 'a.ts': numberedLines(10) })

    const beyond = await ask(library, 'read_file', { path: 'a.ts', first_line: 11 })
    const binary = await ask(library, 'read_file', { path: 'logo.png' })

    expect(beyond).toEqual({ text: 'a.ts has only 10 lines.', opened: [] })
    expect(binary).toEqual({ text: 'There is no text file logo.png at the head.', opened: [] })
  })

  test('what was before the change proves nothing about what is', async () => {
    const library = createLibrary({}, { readFile: async () => 'old\n' })

    const { opened, text } = await ask(library, 'read_file', { path: 'a.ts', at: 'base' })

    expect(text).toBe('=== a.ts, lines 1 to 1 of 1, before the change\n1  old')
    expect(opened).toEqual([])
  })
})

describe('search and find_uses', () => {
  test('an empty, an endless and a broken pattern are refused in words', async () => {
    const library = createLibrary({})

    const answers = await Promise.all(
      ['  ', 'x'.repeat(201), 'a\nb'].map((pattern) => ask(library, 'search', { pattern })),
    )

    expect(new Set(answers.map(({ text }) => text))).toEqual(
      new Set(['The pattern must be one line of 1 to 200 characters.']),
    )
    expect(library.asked).toEqual([])
  })

  test('time that was up with no hit is not "nothing was found"', async () => {
    const library = createLibrary({}, { search: async () => ({ hits: [], incomplete: true }) })

    const search = await ask(library, 'search', { pattern: 'a' })
    const uses = await ask(library, 'find_uses', { name: 'a' })

    expect(search.text).toBe('(there may be more: ask for something narrower)')
    expect(uses.text).toBe('(there may be more: name a folder)')
  })

  test('a file full of hits does not hide the one line of another, whatever their order', async () => {
    const library = createLibrary({
      'a.ts': 'needle()\n'.repeat(100),
      'b.test.ts': 'needle()\n'.repeat(100),
      'c.ts': 'function needle() {}\n',
    })

    const answers = [
      await ask(library, 'search', { pattern: 'needle' }),
      await ask(library, 'find_uses', { name: 'needle' }),
    ]

    for (const { text } of answers) {
      expect(text).toMatch(/^a\.ts:1: needle\(\)\na\.ts:2: /)
      expect(text).toMatch(/\na\.ts:59: needle\(\)\nc\.ts:1: function needle\(\) \{\}\n\(there may be more/)
    }
  })

  test('a path with a line break stays one row', async () => {
    const { text } = await ask(createLibrary({ 'a\nEND.ts': 'needle' }), 'search', { pattern: 'needle' })

    expect(text).toBe('"a\\nEND.ts":1: needle')
  })

  test('uses in comments are left out where there is a grammar, and stay where there is none', async () => {
    const library = createLibrary({ 'a.ts': '// area of a box\narea(box)\n', 'b.zig': '// area\n' })

    const { opened, text } = await ask(library, 'find_uses', { name: 'area' })

    expect(text).toBe('a.ts:2: area(box)\nb.zig:1: // area')
    expect(opened.map(({ path }) => path)).toEqual(['a.ts', 'b.zig'])
  })

  test('an expression is no name', async () => {
    const { text } = await ask(createLibrary({}), 'find_uses', { name: 'box.area()' })

    expect(text).toBe('Name one identifier, without dots, blanks or brackets.')
  })
})

describe('the other tools', () => {
  test('outline lists what has a name, and opens nothing', async () => {
    const library = createLibrary({ 'a.ts': 'function a() {\n}\n', 'b.ts': 'one\ntwo\n' })

    const known = await ask(library, 'outline', { path: 'a.ts' })
    const unknown = await ask(library, 'outline', { path: 'b.ts' })

    expect(known).toEqual({ text: '1-2 function a', opened: [] })
    expect(unknown.text).toBe('No symbols are known of b.ts, which has 2 lines.')
  })

  test.each(['', '.', './', '/'])('list_folder takes %j for the root', async (folder) => {
    const { text } = await ask(createLibrary({ 'src/a.ts': '', 'README.md': '' }), 'list_folder', { folder })

    expect(text).toBe('README.md\nsrc/')
  })

  test('line_history names commits by what they say', async () => {
    const commit = { sha: 'b'.repeat(40), date: '2026-01-02T03:04:05Z', subject: 'Add a', lines: [3, 4] }
    const library = createLibrary({}, { history: async () => [commit] })

    const { text } = await ask(library, 'line_history', { path: 'a.ts', first_line: 3, last_line: 4 })

    expect(text).toBe('bbbbbbbbbb 2026-01-02 Add a (lines 3, 4)')
  })

  test('a file that the change does not touch has no diff', async () => {
    const { text } = await ask(createLibrary({}), 'file_diff', { path: 'a.ts' })

    expect(text).toBe('This change does not touch a.ts, or its diff cannot be shown.')
  })
})

describe('what is offered', () => {
  test('has a form that strict servers take', () => {
    const { offers } = boxOver(createLibrary({}, { history: async () => [] }))

    const problems = offers.map(({ parameters }) => problemOfStrictSchema(parameters))

    expect(offers.map(({ name }) => name)).toHaveLength(7)
    expect(problems.filter(Boolean)).toEqual([])
  })

  test('is only what the repository can be asked', () => {
    const { search: _, ...codebase } = createLibrary({}).codebase

    const { offers } = boxOver({ ...createLibrary({}), codebase })

    expect(offers.map(({ name }) => name)).toEqual(['read_file', 'outline', 'list_folder', 'file_diff'])
  })
})
