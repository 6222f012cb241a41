import { readFileSync } from 'node:fs'
import { type FileDiff, parseFilePatch } from '../../src/review/diff.ts'
import type { Finding } from '../../src/review/finding.ts'
import type { ChangedFile } from '../../src/review/pull-request.ts'

/** A patch of `test/fixtures/patches/`, byte for byte. */
export function readPatch(name: string): string {
  return readFileSync(new URL(`../fixtures/patches/${name}.patch`, import.meta.url), 'utf8')
}

export function changedFile(file: Partial<ChangedFile> = {}): ChangedFile {
  return { path: 'src/area.ts', status: 'modified', additions: 1, deletions: 1, patch: readPatch('two-hunks'), ...file }
}

/** Fails the test when the patch cannot be read. */
export function diffOf(patch: string, path = 'src/area.ts'): FileDiff {
  const diff = parseFilePatch({ path, patch })
  if ('kind' in diff) throw new Error(`unreadable: ${diff.reason}`)
  return diff
}

export function findingOn(line: number, finding: Partial<Finding> = {}): Finding {
  return {
    reviewer: 'correctness',
    severity: 'medium',
    path: 'src/area.ts',
    line,
    side: 'RIGHT',
    title: 'The height is never used',
    body: 'It is assigned and then forgotten.',
    ...finding,
  }
}
