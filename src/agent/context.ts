// Lines around the hunks: what a programmer would scroll to first. A hunk has three lines of context, and a definition four lines
// above it looks missing; so the functions that were changed are shown whole, and what stands above a change, as far as there is room.
import type { LineRange } from '../jobs/code/codebase.ts'
import type { Evidence } from '../review/finding.ts'
import { estimateTokens } from './budget.ts'
import { type ShownFile, showPath } from './shown-file.ts'
import { linesShown } from './tools/opened.ts'
import { endsReview, type Library, linesOf, numbered } from './tools/tool.ts'

export interface Around {
  /** One text for each file: a header, and pieces of unchanged lines with their numbers. */
  texts: string[]
  opened: Evidence[]
}

export const nothingAround: Around = { texts: [], opened: [] }

/** Symbols whose inside belongs together. A class is too much: its methods are shown. */
const wholes = /function|method|constructor|closure|arrow|test/
/** Of one function; of a longer one, only its head and what is near the change. */
const maxLines = 120
const nearLines = 25
/** Above each change, function or none: ten more than the hunk has. A constant stands above the function that reads it. */
const aboveLines = 13

/**
 * What `files` change, grown upwards and to the enclosing functions; in their order, until `maxTokens` are used up. A file that cannot be
 * read has nothing around it.
 */
export async function readAround(
  files: readonly ShownFile[],
  { library, maxTokens }: { library: Library; maxTokens: number },
  signal: AbortSignal,
): Promise<Around> {
  const around: Around = { texts: [], opened: [] }
  let free = maxTokens
  for (const file of files) {
    // Less holds no function.
    if (free < 100) break
    const taken = await aroundFile(file, { library, maxTokens: free }, signal).catch((error: unknown) => {
      if (endsReview(error, signal)) throw error
      return undefined
    })
    if (!taken) continue
    free -= estimateTokens(`${taken.text}\n`)
    around.texts.push(taken.text)
    around.opened.push(...taken.opened)
  }
  return around
}

async function aroundFile(
  file: ShownFile,
  { library, maxTokens }: { library: Library; maxTokens: number },
  signal: AbortSignal,
): Promise<{ text: string; opened: Evidence[] } | undefined> {
  const text = await library.codebase.readFile(file.path, 'head', signal)
  if (text === undefined) return undefined
  const shown = linesShown(file)
  const wanted = missing(
    await growRanges({ path: file.path, text, changed: linesChanged(file) }, library, signal),
    shown,
  )
  const taken = take({ path: file.path, lines: linesOf(text) }, wanted, maxTokens)
  return taken.opened.length > 0 ? taken : undefined
}

interface Grown {
  path: string
  text: string
  changed: readonly LineRange[]
}

/**
 * Lines of the new side that were added, and the one where something was removed. Not the hunk's context: a function that only
 * begins there was not touched.
 */
function linesChanged({ hunks }: ShownFile): LineRange[] {
  const ranges: LineRange[] = []
  for (const hunk of hunks) {
    // A removal at the head of a hunk is told by the first row after it.
    let next = Number(/^(\d+) [ +]/m.exec(hunk)?.[1] ?? 1)
    for (const row of hunk.split('\n')) {
      const [, number, sign] = /^(\d+) ([ +-])/.exec(row) ?? []
      if (sign === '-') ranges.push({ first: next, last: next })
      else if (number !== undefined) next = Number(number) + 1
      if (sign === '+') ranges.push({ first: Number(number), last: Number(number) })
    }
  }
  return ranges
}

async function growRanges({ changed, path, text }: Grown, library: Library, signal: AbortSignal): Promise<LineRange[]> {
  const symbols = (await library.symbols.symbolsOf(path, text, signal)).filter(({ kind }) => wholes.test(kind))
  return changed.flatMap((lines) => [
    { first: Math.max(1, lines.first - aboveLines), last: lines.first },
    ...symbols.filter((one) => one.first <= lines.last && lines.first <= one.last).flatMap((one) => nearby(one, lines)),
  ])
}

function nearby(symbol: LineRange, changed: LineRange): LineRange[] {
  if (symbol.last - symbol.first < maxLines) return [symbol]
  const near = {
    first: Math.max(symbol.first, changed.first - nearLines),
    last: Math.min(symbol.last, changed.last + nearLines),
  }
  return [{ first: symbol.first, last: symbol.first + 2 }, near]
}

/** The lines of `wanted` that `shown` does not have, in order and joined. */
function missing(wanted: readonly LineRange[], shown: readonly LineRange[]): LineRange[] {
  const numbers = new Set(
    wanted.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
  )
  for (const { first, last } of shown) for (let line = first; line <= last; line++) numbers.delete(line)
  const ranges: LineRange[] = []
  for (const line of [...numbers].toSorted((a, b) => a - b)) {
    const before = ranges.at(-1)
    if (before?.last === line - 1) before.last = line
    else ranges.push({ first: line, last: line })
  }
  return ranges
}

function take(
  { lines, path }: { path: string; lines: readonly string[] },
  wanted: readonly LineRange[],
  maxTokens: number,
): { text: string; opened: Evidence[] } {
  const rows = [`=== ${showPath(path)} (unchanged lines around the hunks)`]
  const opened: Evidence[] = []
  let free = maxTokens - estimateTokens(`${rows[0]}\n`)
  for (const { first, last } of wanted) {
    const own = numbered(lines.slice(first - 1, last), first).join('\n')
    const tokens = estimateTokens(`${own}\n…\n`)
    if (tokens > free || own === '') continue
    free -= tokens
    rows.push(...(opened.length > 0 ? ['…'] : []), own)
    opened.push({ path, first, last: Math.min(last, lines.length) })
  }
  return { text: rows.join('\n'), opened }
}
