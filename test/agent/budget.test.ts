// What goes into one call when not everything does.
import { describe, expect, test } from 'vitest'
import { estimateTokens, packFiles } from '../../src/agent/budget.ts'
import { type ShownFile, textOfFile } from '../../src/agent/shown-file.ts'

/** A file of so many hunks, each of about 100 tokens. */
function fileOf(path: string, hunks: number): ShownFile {
  const texts = Array.from({ length: hunks }, () => `@@\n1 +${'x'.repeat(345)}`)
  return { path, changedLines: hunks, header: `=== ${path}`, hunks: texts, hidden: [] }
}

describe('a budget that is too small for all', () => {
  test('what does not fit is left out by name, with the budget as the reason', () => {
    const files = [fileOf('src/a.ts', 3), fileOf('src/b.ts', 3)]

    const packed = packFiles(files, 400)

    expect(packed.files.map((file) => file.path)).toEqual(['src/a.ts'])
    expect(packed.leftOut).toEqual([
      { kind: 'unread', path: 'src/b.ts', reason: 'did not fit the budget of 400 tokens' },
    ])
  })

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

    const packed = packFiles(files, 100_000)

    expect(packed.files.map((file) => file.path)).toEqual([
      '.github/workflows/ci.yml',
      'src/login.ts',
      'src/tree.ts',
      'src/list.ts',
      'test/list.test.ts',
      'package.json',
      'README.md',
    ])
  })

  test('a small file behind a large one still gets its place', () => {
    const files = [fileOf('src/a.ts', 5), fileOf('src/b.ts', 4), fileOf('src/c.ts', 1)]

    const packed = packFiles(files, 700)

    expect(packed.files.map((file) => file.path)).toEqual(['src/a.ts', 'src/c.ts'])
  })

  test('a file larger than the whole budget is cut between two hunks, and named as partly read', () => {
    const packed = packFiles([fileOf('src/a.ts', 9)], 500)

    expect(packed.files).toMatchObject([{ header: '=== src/a.ts (the first hunks only)', hunks: { length: 4 } }])
    expect(packed.leftOut).toEqual([
      {
        kind: 'unread',
        path: 'src/a.ts',
        reason: 'only the first 4 of 9 hunks were read: the rest did not fit the budget of 500 tokens',
      },
    ])
  })

  test('a single hunk that is too large is left out', () => {
    const packed = packFiles([fileOf('src/a.ts', 1)], 50)

    expect(packed.files).toEqual([])
    expect(packed.leftOut).toMatchObject([{ path: 'src/a.ts' }])
  })

  test('the budget holds, whatever is packed', () => {
    const files = Array.from({ length: 40 }, (_, index) => fileOf(`src/file${index}.ts`, 1 + (index % 12)))

    const packed = packFiles(files, 1_000)

    expect(estimateTokens(packed.files.map(textOfFile).join('\n'))).toBeLessThanOrEqual(1_000)
    expect(packed.files.length + packed.leftOut.length).toBeGreaterThanOrEqual(40)
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
