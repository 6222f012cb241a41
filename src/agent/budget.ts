// What goes into which call. A change that is too large for one call is packed into several: the most important files first,
// related ones together, a large file in pieces. What does not fit into all of them is named, never dropped in silence.
import type { FileLeftOut } from '../review/outcome.ts'
import { isRisky, kindOfPath } from './path-kind.ts'
import { type ShownFile, textOfFile } from './shown-file.ts'

/**
 * Tokens of a text: its bytes divided by 3.5. Code measures 3.7 bytes a token with current encodings, so this errs on the safe
 * side; and it takes the same short time for every text, where exact tokenizers take seconds for a long run of one letter.
 */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3.5)
}

export interface PackLimits {
  /** Of the files in one part. */
  maxTokens: number
  maxParts: number
}

export interface Packed {
  /** Each is for one call, and has at least one file or piece of one. */
  parts: ShownFile[][]
  leftOut: FileLeftOut[]
}

/** Every file is in one part, or in pieces in several; what is left out, whole or in part, has its reason. */
export function packFiles(files: readonly ShownFile[], limits: PackLimits): Packed {
  const packed: Packed = { parts: [], leftOut: [] }
  const waiting: ShownFile[] = []
  for (const file of files.toSorted(byImportance)) {
    const { leftOut, pieces } = piecesOf(file, limits.maxTokens)
    waiting.push(...pieces)
    packed.leftOut.push(...leftOut)
  }
  while (waiting.length > 0 && packed.parts.length < limits.maxParts) packed.parts.push(takePart(waiting, limits))
  const paths = new Set(waiting.map(({ path }) => path))
  const reason = `did not fit into ${plural(limits.maxParts, 'call')} of ${limits.maxTokens} tokens`
  packed.leftOut.push(...[...paths].map((path): FileLeftOut => ({ kind: 'unread', path, reason })))
  return packed
}

/** Takes the first that waits, then what is most related to it, as long as there is room. */
function takePart(waiting: ShownFile[], { maxTokens }: PackLimits): ShownFile[] {
  const [first] = waiting
  if (!first) return []
  const order = new Map(waiting.map((file, index) => [file, index]))
  const place = (file: ShownFile): number => order.get(file) ?? 0
  const candidates = waiting.toSorted((a, b) => kinship(b, first) - kinship(a, first) || place(a) - place(b))
  const part: ShownFile[] = []
  let free = maxTokens
  for (const file of candidates) {
    const tokens = tokensOf(file)
    if (tokens > free) continue
    free -= tokens
    part.push(file)
    waiting.splice(waiting.indexOf(file), 1)
  }
  return part.toSorted((a, b) => place(a) - place(b))
}

/** 3: the same file. 2: the same name elsewhere, as a test has. 1: the same folder. */
function kinship({ path }: ShownFile, { path: other }: ShownFile): number {
  if (path === other) return 3
  if (stemOf(path) === stemOf(other)) return 2
  return folderOf(path) === folderOf(other) ? 1 : 0
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)

/** `list` of `src/list.ts`, `test/list.test.ts`, `list_test.go` and `test_list.py`. */
function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\..*$/, '')
  return name.replace(/^test_|[._-](?:test|spec)s?$/gi, '').toLowerCase()
}

export function tokensOf(file: ShownFile): number {
  return estimateTokens(`${textOfFile(file)}\n`)
}

interface Pieces {
  pieces: ShownFile[]
  leftOut: FileLeftOut[]
}

/** A file that fits is its only piece. Else it is cut between hunks, and a hunk that is too large between its lines. */
function piecesOf(file: ShownFile, maxTokens: number): Pieces {
  if (tokensOf(file) <= maxTokens) return { pieces: [file], leftOut: [] }
  const header = (number: number, of: number): string => `${file.header} (piece ${number} of ${of})`
  const room = maxTokens - tokensOf({ ...file, header: header(100, 100), hunks: [] })
  const cut = file.hunks.map((hunk) => cutHunk(hunk, room))
  const groups = fill(
    cut.flatMap(({ pieces }) => pieces),
    room,
  )
  const pieces = groups.map((hunks, index) => ({ ...file, header: header(index + 1, groups.length), hunks }))
  const lost = cut.reduce((sum, one) => sum + one.lost, 0)
  const reason = `${plural(lost, 'line')} too long for ${maxTokens} tokens`
  return { pieces, leftOut: lost === 0 ? [] : [{ kind: 'unread', path: file.path, reason }] }
}

const tokensOfRow = (row: string): number => estimateTokens(`${row}\n`)

/** Each piece begins with the hunk's first row. Lines that are too long even alone are counted as lost. */
function cutHunk(hunk: string, maxTokens: number): { pieces: string[]; lost: number } {
  if (tokensOfRow(hunk) <= maxTokens) return { pieces: [hunk], lost: 0 }
  const [head = '@@', ...lines] = hunk.split('\n')
  const room = maxTokens - tokensOfRow(head)
  const short = lines.filter((line) => tokensOfRow(line) <= room)
  return { pieces: fill(short, room).map((rows) => [head, ...rows].join('\n')), lost: lines.length - short.length }
}

/** In their order, as few groups as that allows. No row is larger than the room. */
function fill(rows: readonly string[], room: number): string[][] {
  const groups: string[][] = []
  let free = 0
  for (const row of rows) {
    const tokens = tokensOfRow(row)
    const group = tokens <= free ? groups.at(-1) : undefined
    if (group) group.push(row)
    else groups.push([row])
    free = (group ? free : room) - tokens
  }
  return groups
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

const order = { source: 0, test: 1, config: 2, docs: 2 } as const

/** Source before tests before the rest; among these, risky places first, then the larger change; the path decides ties. */
function byImportance(a: ShownFile, b: ShownFile): number {
  return (
    order[kindOfPath(a.path)] - order[kindOfPath(b.path)] ||
    Number(isRisky(b.path)) - Number(isRisky(a.path)) ||
    b.changedLines - a.changedLines ||
    (a.path < b.path ? -1 : 1)
  )
}
