// What goes into one call when not everything does.
import { describe, expect, test } from 'vitest'
import { estimateTokens, packFiles } from '../../src/agent/budget.ts'
import { type ShownFile, textOfFile } from '../../src/agent/shown-file.ts'

/** A file of so many hunks, each of about 100 tokens. */
function fileOf(path: string, hunks: number): ShownFile {
  const texts = Array.from({ length: hunks }, () => `@@\n1 +${'x'.repeat(345)}`)
  return { path, changedLines: hunks, header: `=== ${path}`, hunks: texts, hidden: [] }
}

const pathsOf = (parts: ShownFile[][]): string[][] => parts.map((part) => part.map((file) => file.path))

describe('more than one call holds', () => {
  test('goes into several, and what does not fit into them is left out by name', () => {
    const files = [fileOf('a/a.ts', 3), fileOf('b/b.ts', 3), fileOf('c/c.ts', 3)]

    const packed = packFiles(files, { maxTokens: 400, maxParts: 2 })

    expect(pathsOf(packed.parts)).toEqual([['a/a.ts'], ['b/b.ts']])
    expect(packed.leftOut).toEqual([
      { kind: 'unread', path: 'c/c.ts', reason: 'did not fit into 2 calls of 400 tokens' },
    ])
  })

  test('the tests of a file go with it, then its folder, then what is most important', () => {
    const files = [
      fileOf('src/login.ts', 2),
      fileOf('lib/large.ts', 3),
      fileOf('src/page.ts', 1),
      fileOf('test/login.test.ts', 1),
    ]

    const packed = packFiles(files, { maxTokens: 450, maxParts: 9 })

    expect(pathsOf(packed.parts)).toEqual([['src/login.ts', 'src/page.ts', 'test/login.test.ts'], ['lib/large.ts']])
  })

  test('a file that is larger than a call is read in pieces, between hunks and between lines', () => {
    const long = { ...fileOf('src/a.ts', 2), hunks: ['@@ f()', ...fileOf('', 9).hunks] }
    const one = {
      ...fileOf('src/b.ts', 1),
      hunks: [`@@ g()\n${Array.from({ length: 60 }, (_, i) => `${i} +${'y'.repeat(60)}`).join('\n')}`],
    }

    const packed = packFiles([long, one], { maxTokens: 500, maxParts: 9 })

    const pieces = packed.parts.flat()
    expect(packed.leftOut).toEqual([])
    expect(pieces.map(({ header }) => header)).toContain('=== src/a.ts (piece 1 of 3)')
    expect(pieces.filter(({ path }) => path === 'src/b.ts').every(({ hunks }) => hunks[0]?.startsWith('@@ g()'))).toBe(
      true,
    )
    const rows = pieces.filter(({ path }) => path === 'src/b.ts').flatMap(({ hunks }) => hunks.join('\n').split('\n'))
    expect(rows.filter((row) => row.includes('+'))).toHaveLength(60)
  })

  test('a line that is too long for any call is counted, and the others are read', () => {
    const file = { ...fileOf('src/a.ts', 1), hunks: [`@@\n1 +short\n2 +${'x'.repeat(40_000)}\n3 +short`] }

    const packed = packFiles([file], { maxTokens: 500, maxParts: 9 })

    expect(packed.parts.flat().map(({ hunks }) => hunks)).toEqual([['@@\n1 +short\n3 +short']])
    expect(packed.leftOut).toEqual([{ kind: 'unread', path: 'src/a.ts', reason: '1 line too long for 500 tokens' }])
  })

  test('no part is larger than it may be, and every file is in one or named, whatever is packed', () => {
    const files = Array.from({ length: 70 }, (_, index) => fileOf(`src/${index % 7}/file${index}.ts`, 1 + (index % 23)))

    const packed = packFiles(files, { maxTokens: 1_000, maxParts: 40 })

    const sizes = packed.parts.map((part) => estimateTokens(part.map(textOfFile).join('\n')))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000)
    const paths = new Set([...packed.parts.flat().map(({ path }) => path), ...packed.leftOut.map(({ path }) => path)])
    expect(paths.size).toBe(70)
  })
})

describe('the order', () => {
  test('source goes before tests, tests before settings and texts, risky places and large changes first', () => {
    const files = [
      fileOf('README.md', 1),
      fileOf('package.json', 2),
      fileOf('test/list.test.ts', 1),
      fileOf('src/list.ts', 1),
      fileOf('src/tree.ts', 2),
      fileOf('src/login.ts', 1),
      fileOf('.github/workflows/ci.yml', 1),
    ]

    const packed = packFiles(files, { maxTokens: 100_000, maxParts: 1 })

    expect(pathsOf(packed.parts)).toEqual([
      [
        '.github/workflows/ci.yml',
        'src/login.ts',
        'src/tree.ts',
        'src/list.ts',
        'test/list.test.ts',
        'package.json',
        'README.md',
      ],
    ])
  })
})

describe('the estimate', () => {
  test('takes no time for a text that exact tokenizers choke on', () => {
    const tokens = estimateTokens('a'.repeat(3_500_000))

    expect(tokens).toBe(1_000_000)
  })

  test('counts bytes, so that other scripts are not thought to be cheap', () => {
    const tokens = estimateTokens('漢'.repeat(7))

    expect(tokens).toBe(6)
  })
})
