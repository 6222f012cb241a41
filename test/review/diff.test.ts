import { describe, expect, it } from 'vitest'
import { type Line, parseFilePatch } from '../../src/review/diff.ts'
import { createRandom, generatePatch } from '../support/generate-diff.ts'
import { diffOf, readPatch } from './patches.ts'

const unreadable = { kind: 'unreadable', path: 'a', reason: 'GitHub’s patch is cut off or malformed' }
const signs = { added: '+', removed: '-', context: ' ' }
const written = (lines: readonly Line[]): string[] =>
  lines.map(({ kind, oldLine = '', newLine = '', text }) => `${oldLine}|${newLine}|${signs[kind]}${text}`)

describe('a patch that cannot be read', () => {
  it.each([
    ['is empty', ''],
    ['ends inside a hunk', '@@ -1,3 +1,3 @@\n a\n-b'],
    ['ends inside a hunk header', '@@ -1,3 +1,3'],
    ['has more lines than its header says', '@@ -1 +1 @@\n-a\n+b\n+c'],
    ['has words between its hunks', '@@ -1 +1 @@\n-a\n+b\nmore to come\n@@ -9 +9 @@\n-c\n+d'],
    ['has words after its hunks', '@@ -1 +1 @@\n-a\n+b\n[truncated]'],
    ['has file headers', '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b'],
    ['holds two files', '@@ -1 +1 @@\n-a\n+b\ndiff --git a/y b/y\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-c\n+d'],
    ['has no numbers', '@@ -x +y @@\n-a\n+b'],
    ['is a combined diff', '@@@ -1,2 -1,2 +1,2 @@@\n  a\n- b\n++c'],
    ['is not a patch', 'Binary files a/x and b/x differ'],
  ])('is a value when it %s', (_, patch) => {
    const diff = parseFilePatch({ path: 'a', patch })

    expect(diff).toEqual(unreadable)
  })

  it('is a value when GitHub gives none', () => {
    const diff = parseFilePatch({ path: 'a' })

    expect(diff).toEqual({ kind: 'unreadable', path: 'a', reason: 'GitHub gives no patch' })
  })

  it('is a value or whole hunks wherever the patch is cut', () => {
    const patch = readPatch('two-hunks')

    const cuts = Array.from(patch, (_, end) => parseFilePatch({ path: 'a', patch: patch.slice(0, end) }))

    const readable = cuts.flatMap((diff) => ('kind' in diff ? [] : [diff.hunks.length]))
    // After the first hunk, with its line break, and in the middle of the very last line.
    expect(new Set(readable)).toEqual(new Set([1, 2]))
    expect(cuts.every((diff) => !('kind' in diff) || diff.reason === unreadable.reason)).toBe(true)
  })
})

describe('the lines of a hunk', () => {
  it('have the numbers of both sides', () => {
    const [first, second] = diffOf(readPatch('two-hunks')).hunks

    expect(written(first?.lines ?? [])).toEqual([
      `1|1| import { area } from './area.ts'`,
      '2||-const width = 3',
      '|2|+const width = 4',
      '|3|+const height = 5',
      '3|4| ',
      '4|5| area(width)',
    ])
    expect(written(second?.lines ?? [])).toEqual([
      '40|41|   const side = box.right',
      '41||-  console.log(side)',
      '42|42|   return side',
    ])
  })

  it('know the section that git found', () => {
    const { hunks } = diffOf(readPatch('two-hunks'))

    expect(hunks.map(({ section }) => section)).toEqual(['', 'export function area(box: Box): number {'])
  })

  it('keep a carriage return at their end', () => {
    const [hunk] = diffOf(readPatch('crlf')).hunks

    expect(written(hunk?.lines ?? [])).toEqual(['1|1| first\r', '2||-second\r', '|2|+SECOND\r', '3|3| third\r'])
  })

  it('are not broken by a lone carriage return', () => {
    const [hunk] = diffOf(readPatch('lone-cr')).hunks

    expect(written(hunk?.lines ?? [])).toEqual(['1||-one', '|1|+one\rstill one', '2|2| two'])
  })

  it('do not count the note about a missing line break', () => {
    const [hunk] = diffOf(readPatch('no-newline')).hunks

    expect(written(hunk?.lines ?? [])).toEqual(['1|1| a', '2||-b', '|2|+B'])
  })

  it('do not count such a note in the middle either', () => {
    const [hunk] = diffOf(readPatch('newline-added')).hunks

    expect(written(hunk?.lines ?? [])).toEqual(['1|1| a', '2||-b', '|2|+b'])
  })

  it('may say what such a note says, and stand under a section that looks like a header', () => {
    const { hunks } = diffOf(readPatch('odd-sections'))

    expect(hunks.map(({ section }) => section)).toEqual(['@@ -9 +9 @@ not a header', 'diff --git a/x b/x'])
    expect(written(hunks[1]?.lines ?? [])).toEqual(['7|7| c', '|8|+\\ No newline at end of file', '8|9| d'])
  })

  it('of a link are its target, of a submodule its commit', () => {
    const [link] = diffOf(readPatch('link')).hunks
    const [submodule] = diffOf(readPatch('submodule')).hunks

    expect(written(link?.lines ?? [])).toEqual(['|1|+added.txt'])
    expect(written(submodule?.lines ?? [])).toEqual([
      `1||-Subproject commit ${'1'.repeat(40)}`,
      `|1|+Subproject commit ${'2'.repeat(40)}`,
    ])
  })

  it('may look like file headers', () => {
    const [hunk] = diffOf(readPatch('sql-comments')).hunks

    expect(written(hunk?.lines ?? [])).toEqual([
      '1||--- a comment in SQL',
      '|1|+++ i; // not a header',
      '2|2| select 1;',
      '3|3| -- another',
    ])
  })

  it('may be a diff themselves', () => {
    const { hunks } = diffOf(readPatch('diff-in-diff'))

    expect(written(hunks.flatMap(({ lines }) => lines))).toEqual([
      '1|1| diff --git a/inner.txt b/inner.txt',
      '2|2| --- a/inner.txt',
      '3|3| +++ b/inner.txt',
      '|4|+index 1111111..2222222 100644',
      '4|5| @@ -1 +1 @@',
      '5||--old line of the inner diff',
      '|6|++new line of the inner diff',
    ])
  })

  it('may have lost the space of an empty context line', () => {
    const [hunk] = diffOf(readPatch('stripped-context')).hunks

    expect(written(hunk?.lines ?? [])).toEqual(['1|1| first', '2|2| ', '|3|+third', '3|4| ', '4|5| fifth'])
  })

  it('may be 40,000 characters long', () => {
    const long = 'x'.repeat(40_000)

    const [hunk] = diffOf(`@@ -1 +1 @@\n-short\n+${long}`).hunks

    expect(hunk?.lines[1]?.text).toHaveLength(40_000)
  })

  it('are on one side only in a file that was added or emptied', () => {
    const [added] = diffOf(readPatch('new-file')).hunks
    const [emptied] = diffOf(readPatch('emptied-file')).hunks

    expect(written(added?.lines ?? [])).toEqual(['|1|+one', '|2|+two'])
    expect(written(emptied?.lines ?? [])).toEqual(['1||-one', '2||-two'])
  })

  it('give the patch back, whatever is in it', () => {
    const random = createRandom(4)
    const patches = Array.from({ length: 300 }, () => generatePatch(random))

    const bodies = patches.map((patch) =>
      diffOf(patch).hunks.map(({ lines }) => lines.map(({ kind, text }) => signs[kind] + text)),
    )

    const expected = patches.map((patch) =>
      patch
        .split(/^@@ -\d[^\n]* some function\n/m)
        .slice(1)
        .map((body) => body.replace(/\n$/, '').split('\n')),
    )
    expect(bodies).toEqual(expected)
  })
})
