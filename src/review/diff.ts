// GitHub's patch of one file, as hunks with numbered lines. Whatever is not exactly a patch becomes a value that says so:
// places are proved against these numbers, and a guess would pin a comment to a wrong line.
import { parsePatch, type StructuredPatchHunk } from 'diff'
import type { ChangedFile } from './pull-request.ts'

/** One line of a hunk. Numbers are 1-based and count lines of the file; a line has one for each side it is on. */
export interface Line {
  kind: 'added' | 'removed' | 'context'
  oldLine?: number
  newLine?: number
  /** Without its line break; a carriage return before the break stays. */
  text: string
}

export interface Hunk {
  /** First line on the old side; where `oldLines` is 0, the line before which something was added. */
  oldStart: number
  oldLines: number
  newStart: number
  newLines: number
  /** What git found to be around the hunk, for example the head of a function. Often empty. */
  section: string
  lines: Line[]
}

export interface FileDiff {
  path: string
  hunks: Hunk[]
}

export interface UnreadablePatch {
  kind: 'unreadable'
  path: string
  /** A few words for people. */
  reason: string
}

/**
 * Reads `files[].patch`: hunks only, without file headers.
 * https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
 */
export function parseFilePatch(file: Pick<ChangedFile, 'path' | 'patch'>): FileDiff | UnreadablePatch {
  const { patch, path } = file
  if (patch === undefined) return { kind: 'unreadable', path, reason: 'GitHub gives no patch' }
  try {
    return { path, hunks: hunksOf(patch) }
  } catch {
    // Neither the parser's message nor ours is kept: they quote the patch.
    return { kind: 'unreadable', path, reason: 'GitHub’s patch is cut off or malformed' }
  }
}

const hunkHeader = /^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@ ?(.*)$/s

/**
 * `parsePatch` skips what it does not know between hunks, and drops the section. So the headers are walked once more: each
 * hunk must begin where the one before it ended, and nothing may be left over.
 */
function hunksOf(patch: string): Hunk[] {
  const rows = patch.split('\n')
  const files = parsePatch(patch)
  const hunks: Hunk[] = []
  let row = 0
  for (const parsed of files.flatMap((file) => file.hunks)) {
    const section = hunkHeader.exec(rows[row] ?? '')?.[1]
    if (section === undefined) throw new Error('no hunk header where one must be')
    hunks.push(toHunk(parsed, section.trim()))
    row += 1 + parsed.lines.length
  }
  const rest = rows.slice(row)
  if (hunks.length === 0 || rest.some((text) => text !== '')) throw new Error('not only hunks')
  return hunks
}

function toHunk(parsed: StructuredPatchHunk, section: string): Hunk {
  const { lines: rows, ...numbers } = parsed
  let oldLine = numbers.oldStart
  let newLine = numbers.newStart
  const lines: Line[] = []
  for (const row of rows) {
    const text = row.slice(1)
    // "\ No newline at end of file" speaks about the line before it.
    if (row.startsWith('\\')) continue
    if (row.startsWith('+')) lines.push({ kind: 'added', newLine: newLine++, text })
    else if (row.startsWith('-')) lines.push({ kind: 'removed', oldLine: oldLine++, text })
    else lines.push({ kind: 'context', oldLine: oldLine++, newLine: newLine++, text })
  }
  return { ...numbers, section, lines }
}
