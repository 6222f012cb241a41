// A changed file as the model sees it: every line with its real number, so that nothing has to be counted.
//
//   === src/area.ts
//   @@ export function area(
//   11  const width = box.right - box.left
//   12 -return width * box.height
//   12 +return width * height
//
// The number belongs to the old side for `-` and to the new side otherwise. Hunk headers keep only their section, which pays
// for a part of the numbers: the form takes 1.06 times the tokens of the plain patch, 1.3 with a hash beside each number
// (`node bench/anchors.ts`, docs/decisions/0040-lines-are-quoted-not-hashed.md). Since every line of a file starts with its number, no content can pass for
// a header. The code itself is left byte for byte as it is.
import { type FileDiff, type Hunk, type Line, parseFilePatch } from '../review/diff.ts'
import type { ChangedFile } from '../review/pull-request.ts'
import { listHidden } from './text/hidden-characters.ts'

export interface ShownFile {
  path: string
  changedLines: number
  header: string
  /** One text for each hunk, without a line break at its end. */
  hunks: string[]
  /** Beside the code: new lines with characters that a reader does not see. */
  hidden: string[]
}

/** Cannot be shown: `reason` is for people. */
export interface UnshownFile {
  path: string
  reason: string
}

export function showFile(file: ChangedFile): ShownFile | UnshownFile {
  const diff = parseFilePatch(file)
  if ('kind' in diff) return { path: file.path, reason: diff.reason }
  return {
    path: file.path,
    changedLines: file.additions + file.deletions,
    header: `=== ${showPath(file.path)}${statusOf(file)}`,
    hunks: diff.hunks.map(showHunk),
    hidden: hiddenIn(diff),
  }
}

export function textOfFile(file: ShownFile): string {
  return [file.header, ...file.hunks, ...file.hidden].join('\n')
}

/** As it is, unless it could pass for something else than a path. Git allows any byte but NUL. */
export function showPath(path: string): string {
  return /[\n\r\t"]/.test(path) || listHidden(path) ? JSON.stringify(path) : path
}

function statusOf(file: ChangedFile): string {
  if (file.status === 'added' || file.status === 'removed') return ` (${file.status})`
  return file.previousPath === undefined ? '' : ` (${file.status} from ${showPath(file.previousPath)})`
}

const signs = { added: '+', removed: '-', context: ' ' } as const

function showHunk(hunk: Hunk): string {
  const lines = hunk.lines.map((line) => `${numberOf(line)} ${signs[line.kind]}${line.text}`)
  return [hunk.section ? `@@ ${hunk.section}` : '@@', ...lines].join('\n')
}

function numberOf(line: Line): number | undefined {
  return line.kind === 'removed' ? line.oldLine : line.newLine
}

const maxHiddenLines = 20

function hiddenIn(diff: FileDiff): string[] {
  const sentences = diff.hunks
    .flatMap((hunk) => hunk.lines)
    .filter((line) => line.kind !== 'removed')
    .map((line) => ({ line, characters: listHidden(line.text) }))
    .filter(({ characters }) => characters !== '')
    .map(({ line, characters }) => `(line ${line.newLine} has characters that a reader does not see: ${characters})`)
  const more = sentences.length - maxHiddenLines
  return more > 0 ? [...sentences.slice(0, maxHiddenLines), `(and ${more} more lines)`] : sentences
}
