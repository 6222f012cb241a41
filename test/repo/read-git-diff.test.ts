// The fixture was printed by git 2.39, `git diff -C -C --find-copies-harder`, over a commit that does everything odd at once.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readGitDiff } from '../../src/repo/read-git-diff.ts'
import { parseFilePatch } from '../../src/review/diff.ts'
import { chooseFiles } from '../../src/review/filter.ts'
import { createRandom, generatePatch } from '../support/generate-diff.ts'

const odd = readFileSync(new URL('../fixtures/diffs/odd-forms.diff', import.meta.url), 'utf8')
const files = readGitDiff(odd)
const lineCount = (path: string): unknown => {
  const file = files.find((one) => one.path === path)
  return file && [file.status, file.additions, file.deletions, file.patch?.split('\n').length]
}

describe('the files of a diff', () => {
  it.each<[string, string, unknown]>([
    ['with a changed mode only, and blanks in its name', 'a b/c', ['changed', 0, 0, undefined]],
    ['with a changed mode only', 'mode.sh', ['changed', 0, 0, undefined]],
    ['with a changed mode and text', 'mode and text', ['modified', 1, 1, 3]],
    ['that is new', 'added.txt', ['added', 1, 0, 2]],
    ['that is new and binary', 'new b/bin ary', ['added', 0, 0, undefined]],
    ['that is binary', 'bin.dat', ['modified', 0, 0, undefined]],
    ['that is a copy', 'copy of it.txt', ['copied', 0, 0, undefined]],
    ['with carriage returns', 'crlf.txt', ['modified', 1, 1, 5]],
    ['with a carriage return inside a line', 'lone_cr.txt', ['modified', 1, 1, 4]],
    ['that was deleted', 'del.txt', ['removed', 0, 1, 2]],
    ['that was emptied', 'emptied.txt', ['modified', 0, 2, 3]],
    ['that is empty and was renamed', 'empty2.txt', ['renamed', 0, 0, undefined]],
    ['that was renamed', 'moved-pure.txt', ['renamed', 0, 0, undefined]],
    ['that was renamed and changed', 'renamed.txt', ['renamed', 1, 1, 9]],
    ['that holds a diff', 'inner.diff', ['added', 6, 0, 7]],
    ['that is a link', 'link', ['added', 1, 0, 3]],
    ['that became a link', 'type', ['changed', 1, 1, undefined]],
    ['with quotes and letters beyond ASCII in its name', 'naïve file "q".txt', ['modified', 1, 1, 3]],
    ['with a tab in its name', 'ta\tb.txt', ['modified', 1, 1, 4]],
    ['with blanks in its name', 'sp ace.txt', ['modified', 1, 1, 3]],
    ['without a line break at its end', 'noeol.txt', ['modified', 1, 1, 7]],
    ['with lines that look like file headers', 'q.sql', ['modified', 1, 1, 4]],
    ['that is a submodule', 'sub module', ['modified', 1, 1, 3]],
  ])('one %s', (_, path, counts) => {
    expect(lineCount(path)).toEqual(counts)
  })

  it('are all there, and no other', () => {
    expect(files).toHaveLength(24)
    expect(files.find(({ path }) => path === 'original.txt')).toMatchObject({ additions: 1, deletions: 0 })
  })

  it('know where they came from', () => {
    const from = Object.fromEntries(
      files.flatMap((file) => (file.previousPath ? [[file.path, file.previousPath]] : [])),
    )

    expect(from).toEqual({
      'copy of it.txt': 'original.txt',
      'empty2.txt': 'empty gone',
      'moved-pure.txt': 'pure.txt',
      'renamed.txt': 'ren.txt',
    })
  })

  it('have patches that are read as those of GitHub are', () => {
    const unreadable = files.filter((file) => file.patch !== undefined && 'kind' in parseFilePatch(file))

    expect(unreadable).toEqual([])
  })

  it('are each read, left out with a reason, or have nothing to read', () => {
    const { leftOut, read } = chooseFiles(files)

    expect(leftOut.filter(({ kind }) => kind === 'unread').map(({ path }) => path)).toEqual(['type'])
    expect([read.length, leftOut.length]).toEqual([14, 7])
  })
})

it('an empty diff has no files', () => {
  expect([readGitDiff(''), readGitDiff('warning: nothing\n')]).toEqual([[], []])
})

it('whatever is in the patches of a diff, they come back as they were (seed 11)', () => {
  const random = createRandom(11)
  const patches = Array.from({ length: 200 }, () => generatePatch(random))

  const diff = patches.map(
    (patch, at) => `diff --git a/f ${at} b/f ${at}\n--- a/f ${at}\t\n+++ b/f ${at}\t\n${patch}\n`,
  )

  const read = readGitDiff(diff.join(''))
  expect(read.map(({ patch }) => patch)).toEqual(patches)
  expect(read.map(({ path }) => path)).toEqual(patches.map((_, at) => `f ${at}`))
})

it('seven thousand files, and lines of 40,000 characters, are read in a moment', () => {
  const section = (at: number): string =>
    `diff --git a/src/${at}.ts b/src/${at}.ts\nindex 1..2 100644\n--- a/src/${at}.ts\n+++ b/src/${at}.ts\n@@ -1 +1 @@\n-a\n+b\n`
  const long = `diff --git a/long b/long\n--- a/long\n+++ b/long\n@@ -1 +1 @@\n-${'x'.repeat(40_000)}\n+${'y'.repeat(40_000)}\n`
  const diff = Array.from({ length: 7_000 }, (_, at) => section(at)).join('') + long.repeat(50)

  const before = performance.now()
  const read = readGitDiff(diff)
  const parsed = read.map(parseFilePatch)

  expect(performance.now() - before).toBeLessThan(5_000)
  expect(read).toHaveLength(7_050)
  expect(parsed.filter((one) => 'kind' in one)).toEqual([])
})
