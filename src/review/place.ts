// Proves where a finding stands, or says why it has no place. GitHub refuses a whole review for one line it does not accept.
//
// What must always hold: every anchor made here satisfies GitHub's rule. The path is in the list of files; `line` is on its
// side in one of that file's hunks; `start_line` is smaller, on the same side, and in the same hunk. RIGHT is for added and
// context lines, LEFT for removed ones. https://docs.github.com/en/rest/pulls/comments#create-a-review-comment-for-a-pull-request
//
// The line number is only the model's claim; the quoted code is the proof. Where both disagree, the quote decides: the nearest
// equal place in the hunk that was named, else the only equal place in the file. No proof, no place: it goes to the body.
import type { FileDiff, Hunk, Line, UnreadablePatch } from './diff.ts'
import type { Anchor, Finding, PlacedFinding, Side } from './finding.ts'
import { block } from './markdown/placeholder.ts'

/** One side of one hunk: consecutive lines of the file. */
interface Column {
  hunk: Hunk
  side: Side
  first: number
  lines: Line[]
}

interface Range {
  column: Column
  start: number
  end: number
  /** The model named more than this. */
  clipped: boolean
}

export function placeFindings(
  findings: readonly Finding[],
  diffs: readonly (FileDiff | UnreadablePatch)[],
): PlacedFinding[] {
  const byPath = new Map(diffs.map((diff) => [diff.path, diff]))
  return findings.map((finding) => {
    const path = byPath.has(finding.path) ? finding.path : finding.path.replace(/^(?:\.?\/)+/, '')
    return placeFinding({ ...finding, path }, byPath.get(path))
  })
}

function placeFinding(finding: Finding, diff: FileDiff | UnreadablePatch | undefined): PlacedFinding {
  const inBody = (reason: string): PlacedFinding => ({ ...finding, placement: { kind: 'body', reason } })
  if (!diff) return inBody('The file is not among those that were read.')
  if ('kind' in diff) return inBody(`The file has no diff to comment on: ${diff.reason}.`)
  const range = rangeOf(finding)
  if (!range) return inBody('No valid line was named.')
  const columns = columnsOf(diff)
  const quote = quoteOf(finding)
  const claimed = claim(columns, finding.side, range)
  const proved = quote.length === 0 ? claimed : proveByQuote({ columns, quote, claimed, side: finding.side, ...range })
  if (!proved)
    return inBody(quote.length === 0 ? 'The line is not part of the diff.' : 'The quoted code is not part of the diff.')

  const visible = toCommentable(proved)
  const fits = finding.suggestion !== undefined && suggestionFits(finding.suggestion, visible)
  const anchor = anchorOf(diff.path, visible)
  return { ...finding, placement: { kind: 'inline', anchor, ...(fits ? { suggestionFits: true } : {}) } }
}

/** Whether GitHub takes a comment at this place. */
export function isCommentable(anchor: Anchor, diff: FileDiff): boolean {
  const { line, side } = anchor
  const start = anchor.startLine ?? line
  const isOneLineOrMore = anchor.startLine === undefined || anchor.startLine < line
  const ends = (column: Column): boolean => isVisible(column, start) && isVisible(column, line)
  return isOneLineOrMore && columnsOf(diff).some((column) => column.side === side && ends(column))
}

function rangeOf(finding: Finding): { start: number; end: number } | undefined {
  const numbers = [finding.startLine ?? finding.line, finding.line]
  if (!numbers.every((number) => Number.isSafeInteger(number) && number > 0)) return undefined
  return { start: Math.min(...numbers), end: Math.max(...numbers) }
}

function columnsOf(diff: FileDiff): Column[] {
  return diff.hunks.flatMap((hunk) => [
    { hunk, side: 'RIGHT', first: hunk.newStart, lines: hunk.lines.filter(({ kind }) => kind !== 'removed') },
    { hunk, side: 'LEFT', first: hunk.oldStart, lines: hunk.lines.filter(({ kind }) => kind !== 'added') },
  ])
}

const lineAt = (column: Column, number: number): Line | undefined => column.lines[number - column.first]
const lastOf = (column: Column): number => column.first + column.lines.length - 1

/** The range as the model named it, cut to the hunk that has its end, else its start. */
function claim(columns: Column[], side: Side, { start, end }: { start: number; end: number }): Range | undefined {
  const own = columns.filter((column) => column.side === side)
  const column = own.find((one) => lineAt(one, end)) ?? own.find((one) => lineAt(one, start))
  return column && clip({ column, start, end, clipped: false })
}

function clip(range: Range): Range {
  const start = Math.max(range.start, range.column.first)
  const end = Math.min(range.end, lastOf(range.column))
  return { ...range, start, end, clipped: range.clipped || start !== range.start || end !== range.end }
}

interface Evidence {
  columns: Column[]
  /** The quoted lines, made comparable; at least one. */
  quote: string[]
  claimed: Range | undefined
  side: Side
  start: number
  end: number
}

/** The claimed range when the quote stands in it, else the range moved to where the quote stands. */
function proveByQuote({ claimed, columns, end, quote, side, start }: Evidence): Range | undefined {
  const length = end - start
  const moved = (column: Column, last: number): Range =>
    clip({ column, start: last - length, end: last, clipped: false })
  if (claimed) {
    const ends = endsOf(claimed.column, quote)
    const inPlace = ends.some((last) => last - quote.length < end && end <= last)
    if (inPlace) return claimed
    const nearest = ends.toSorted((a, b) => Math.abs(a - end) - Math.abs(b - end))[0]
    if (nearest !== undefined) return moved(claimed.column, nearest)
  }
  const places = columns.flatMap((column) => endsOf(column, quote).map((last) => ({ column, last })))
  const own = places.filter(({ column }) => column.side === side)
  const candidates = own.length > 0 ? own : places
  const [only, another] = candidates
  return only && !another ? moved(only.column, only.last) : undefined
}

/** Numbers of the lines where an occurrence of the quote ends. */
function endsOf(column: Column, quote: string[]): number[] {
  const ends: number[] = []
  for (let first = 0; first + quote.length <= column.lines.length; first++) {
    if (quote.every((text, offset) => isSameCode(text, column.lines[first + offset]?.text ?? '')))
      ends.push(column.first + first + quote.length - 1)
  }
  return ends
}

function quoteOf(finding: Finding): string[] {
  const lines = (finding.quote ?? '').split('\n').map(comparable)
  return lines.slice(lines.findIndex(Boolean), lines.findLastIndex(Boolean) + 1)
}

/** Models are loose with white space, and copy the number and the sign that stood before a line. All else must be equal. */
function comparable(code: string): string {
  return code.replace(/\s+/g, ' ').trim()
}

function isSameCode(quoted: string, text: string): boolean {
  const code = comparable(text)
  return quoted === code || quoted.replace(/^(?:\d+ )?[+-]? ?/, '') === code
}

/** On LEFT GitHub wants removed lines: the range shrinks to them, or goes over to RIGHT where it has none. */
function toCommentable(range: Range): Range {
  if (range.column.side === 'RIGHT') return range
  const { column, end, start } = range
  const lines = column.lines.slice(start - column.first, end - column.first + 1)
  const removed = lines.flatMap(({ kind, oldLine }) => (kind === 'removed' && oldLine !== undefined ? [oldLine] : []))
  const [first, last] = [removed[0], removed.at(-1)]
  if (first !== undefined && last !== undefined) return { ...range, start: first, end: last }
  const shown = lines.flatMap(({ newLine }) => newLine ?? [])
  const right = columnsOf({ path: '', hunks: [column.hunk] })[0] ?? column
  return { column: right, start: shown[0] ?? start, end: shown.at(-1) ?? end, clipped: true }
}

function isVisible(column: Column, number: number): boolean {
  const line = lineAt(column, number)
  return line !== undefined && (column.side === 'RIGHT' || line.kind === 'removed')
}

function anchorOf(path: string, { column, end, start }: Range): Anchor {
  return { path, side: column.side, line: end, ...(start < end ? { startLine: start } : {}) }
}

/**
 * Applying a suggestion replaces the anchor's lines and nothing else. One that repeats the line before or after them was
 * written for a longer range, and would double that line; one that changes nothing is no suggestion.
 * https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/commenting-on-a-pull-request
 */
function suggestionFits(suggestion: string, { clipped, column, end, start }: Range): boolean {
  // Written for code from which a secret was taken out: applied, it would put the placeholder there.
  if (clipped || column.side === 'LEFT' || suggestion.includes(block)) return false
  const wanted = suggestion.replace(/\r?\n$/, '').split(/\r?\n/)
  const text = (number: number): string | undefined => lineAt(column, number)?.text.trim()
  const replaced = column.lines.slice(start - column.first, end - column.first + 1)
  if (wanted.join('\n') === replaced.map((line) => line.text.replace(/\r$/, '')).join('\n')) return false
  const repeats = (line: string | undefined, outside: string | undefined, inside: string | undefined): boolean =>
    Boolean(outside) && line?.trim() === outside && outside !== inside
  return !repeats(wanted[0], text(start - 1), text(start)) && !repeats(wanted.at(-1), text(end + 1), text(end))
}
