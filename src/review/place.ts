// Proves where a finding stands, or says why it has no place. GitHub refuses a whole review for one line it does not accept.
//
// What must always hold: every anchor made here satisfies GitHub's rule. The path is in the list of files; `line` is on its
// side in one of that file's hunks; `start_line` is smaller, on the same side, and in the same hunk. RIGHT is for added and
// context lines, LEFT for removed ones. https://docs.github.com/en/rest/pulls/comments#create-a-review-comment-for-a-pull-request
//
// The line number is only the model's claim; the quoted code is the proof. Where both disagree, the quote decides: the same
// number on the other side, else the nearest equal place in the hunk that was named, else the only equal place in the file.
// Code that stands nowhere as it was quoted may have been copied badly: then what resembles it counts, near the number that was
// named. No proof, no place: it goes to the body. How often that is right: docs/decisions/0040-lines-are-quoted-not-hashed.md.
import type { FileDiff, Hunk, Line, UnreadablePatch } from './diff.ts'
import type { Anchor, Finding, PlacedFinding, Side } from './finding.ts'
import { replacesExactly } from './patches/suggestion.ts'

/** One side of one hunk: consecutive lines of the file. */
interface Column {
  hunk: Hunk
  side: Side
  first: number
  lines: Line[]
  /** The same lines, without white space. */
  code: string[]
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
  const { side } = finding
  const proved = quote.length === 0 ? claim(columns, side, range) : proveByQuote({ columns, quote, side, ...range })
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

/** A diff has many findings and can have thousands of lines. */
const known = new WeakMap<FileDiff, Column[]>()

function columnsOf(diff: FileDiff): Column[] {
  const columns = known.get(diff) ?? diff.hunks.flatMap((hunk) => [columnOf(hunk, 'RIGHT'), columnOf(hunk, 'LEFT')])
  known.set(diff, columns)
  return columns
}

function columnOf(hunk: Hunk, side: Side): Column {
  const other = side === 'RIGHT' ? 'removed' : 'added'
  const lines = hunk.lines.filter(({ kind }) => kind !== other)
  const first = side === 'RIGHT' ? hunk.newStart : hunk.oldStart
  return { hunk, side, first, lines, code: lines.map(({ text }) => comparable(text)) }
}

const lineAt = (column: Column, number: number): Line | undefined => column.lines[number - column.first]
const lastOf = (column: Column): number => column.first + column.lines.length - 1

/** The range as the model named it, cut to the hunk that has its end, else its start. `undefined` where no hunk has either. */
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

interface Quoted {
  columns: Column[]
  /** Without white space, at least one line. */
  quote: string[]
  side: Side
  start: number
  end: number
}

type Likeness = (quoted: string, code: string) => boolean

function proveByQuote(quoted: Quoted): Range | undefined {
  const part = { ...quoted, quote: quoted.quote.map((line) => line.replace(/(?:…|\.{3})$/, '')) }
  return findQuote(quoted, isSameCode) ?? findQuote(part, isPart) ?? findNear(quoted, resembles, resemblesWithin)
}

/** The claimed range when the quote stands in it, else the range moved to where the quote stands. */
function findQuote(quoted: Quoted, isLike: Likeness): Range | undefined {
  const { columns, quote, side } = quoted
  const near = findNear(quoted, isLike, Infinity)
  if (near) return near
  const places = columns.flatMap((column) => endsOf(column, quote, isLike).map((last) => ({ column, last })))
  const own = places.filter(({ column }) => column.side === side)
  const [only, another] = own.length > 0 ? own : places
  return only && !another ? movedTo(only.last, only.column, quoted) : undefined
}

/** In the hunk that was named, on the side that was named or at the same number on the other one. */
function findNear(quoted: Quoted, isLike: Likeness, within: number): Range | undefined {
  const { columns, end, quote, side, start } = quoted
  const sides: Side[] = side === 'RIGHT' ? ['RIGHT', 'LEFT'] : ['LEFT', 'RIGHT']
  const claims = sides
    .map((one) => claim(columns, one, { start, end }))
    .filter((one) => one !== undefined)
    .map((range) => ({ range, ends: endsOf(nearOnly(range.column, quoted, within), quote, isLike) }))
  const inPlace = claims.find(({ ends }) => ends.some((last) => last - quote.length < end && end <= last))
  if (inPlace) return inPlace.range

  for (const { ends, range } of claims) {
    const nearest = ends.toSorted((a, b) => Math.abs(a - end) - Math.abs(b - end))[0]
    if (nearest !== undefined) return movedTo(nearest, range.column, quoted)
  }
  return undefined
}

/** The lines in which an occurrence of the quote may end so near to the claimed last line. */
function nearOnly(column: Column, { end, quote }: Quoted, within: number): Column {
  const from = Math.max(0, end - within - quote.length + 1 - column.first)
  return { ...column, first: column.first + from, code: column.code.slice(from, end + within + 1 - column.first) }
}

function movedTo(last: number, column: Column, { end, start }: Quoted): Range {
  return clip({ column, start: last - (end - start), end: last, clipped: false })
}

/** Numbers of the lines where an occurrence of the quote ends. */
function endsOf(column: Column, quote: string[], isLike: Likeness): number[] {
  const ends: number[] = []
  for (let first = 0; first + quote.length <= column.code.length; first++) {
    if (quote.every((text, offset) => isLike(text, column.code[first + offset] ?? '')))
      ends.push(column.first + first + quote.length - 1)
  }
  return ends
}

function quoteOf(finding: Finding): string[] {
  const lines = (finding.quote ?? '').split('\n').map(comparable)
  return lines.slice(lines.findIndex(Boolean), lines.findLastIndex(Boolean) + 1)
}

/** Models are loose with white space. */
function comparable(code: string): string {
  return code.replace(/\s+/g, '')
}

/** They also copy the number and the sign that stood before a line. All else must be equal. */
function isSameCode(quoted: string, code: string): boolean {
  return quoted === code || (quoted.endsWith(code) && /^\d*[+-]?$/.test(quoted.slice(0, quoted.length - code.length)))
}

/** Shorter pieces stand in many lines, and short lines resemble many. */
const tellingLength = 10
/** A number that is off by more was not copied from the line that is meant. */
const resemblesWithin = 3
/** Share of pairs of characters in common: with a name changed that much of a line is left. */
const likeEnough = 0.65

/** A line of which the end, or more, was left out. */
function isPart(quoted: string, code: string): boolean {
  return quoted.length >= tellingLength && code.includes(quoted)
}

/** A line of which a word was changed. Two lines can be that much alike, so it counts near the number only. */
function resembles(quoted: string, code: string): boolean {
  return Math.min(quoted.length, code.length) >= tellingLength && likeness(quoted, code) >= likeEnough
}

/** Dice's coefficient over pairs of neighbouring characters, from 0 to 1. */
function likeness(a: string, b: string): number {
  const [first, second] = [pairsOf(a), pairsOf(b)]
  return (2 * first.intersection(second).size) / (first.size + second.size)
}

function pairsOf(text: string): Set<string> {
  return new Set(Array.from({ length: text.length - 1 }, (_, at) => text.slice(at, at + 2)))
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
  return { column: columnOf(column.hunk, 'RIGHT'), start: shown[0] ?? start, end: shown.at(-1) ?? end, clipped: true }
}

function isVisible(column: Column, number: number): boolean {
  const line = lineAt(column, number)
  return line !== undefined && (column.side === 'RIGHT' || line.kind === 'removed')
}

function anchorOf(path: string, { column, end, start }: Range): Anchor {
  return { path, side: column.side, line: end, ...(start < end ? { startLine: start } : {}) }
}

function suggestionFits(suggestion: string, { clipped, column, end, start }: Range): boolean {
  if (clipped || column.side === 'LEFT') return false
  const code = column.lines.map(({ text }) => text.replace(/\r$/, ''))
  return replacesExactly(suggestion, { code, from: start - column.first, to: end - column.first + 1 })
}
