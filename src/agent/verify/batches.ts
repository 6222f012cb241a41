// Which claims are judged in one call, and how much of the diff they are shown.
import type { PlacedFinding } from '../../review/finding.ts'
import { tokensOf } from '../budget.ts'
import type { ShownFile } from '../shown-file.ts'

export interface Batch {
  candidates: PlacedFinding[]
  files: ShownFile[]
}

/** Of one call: more at once are judged less well than one by one, and one by one pays for the code each time. */
const maxCandidates = 10
/** Estimated tokens of the files in one call. */
const maxFileTokens = 16_000
/** Rows before and after a claim that are shown of a large file: the first that fit. */
const nearRows = [150, 50, 20]

/** Findings of one file stay together; files share a call while there is room. */
export function batchesOf(candidates: readonly PlacedFinding[], files: readonly ShownFile[]): Batch[] {
  const batches: Batch[] = []
  let free = 0
  for (const [path, all] of Map.groupBy(candidates, (one) => one.path)) {
    const file = files.find((one) => one.path === path)
    for (let from = 0; from < all.length; from += maxCandidates) {
      const own = all.slice(from, from + maxCandidates)
      const shown = file ? [fitting(file, own)] : []
      const tokens = tokensOfAll(shown)
      const last = batches.at(-1)
      const fits = last && tokens <= free && last.candidates.length + own.length <= maxCandidates
      if (fits) {
        last.candidates.push(...own)
        last.files.push(...shown)
      } else batches.push({ candidates: own, files: shown })
      free = (fits ? free : maxFileTokens) - tokens
    }
  }
  return batches
}

/** For a model that takes less: half of the claims each, with the lines next to them. Empty: there is no less. */
export function lessOf({ candidates, files }: Batch): Batch[] {
  const half = Math.ceil(candidates.length / 2)
  const halves = [candidates.slice(0, half), candidates.slice(half)].filter((own) => own.length > 0)
  const less = halves.map((own): Batch => {
    const concerned = files.filter(({ path }) => own.some((one) => one.path === path))
    return { candidates: own, files: concerned.map((file) => nearClaims(file, own, nearRows.at(-1) ?? 0)) }
  })
  const isLess = halves.length > 1 || less.some((one) => tokensOfAll(one.files) < tokensOfAll(files))
  return isLess ? less : []
}

function tokensOfAll(files: readonly ShownFile[]): number {
  return files.reduce((sum, file) => sum + tokensOf(file), 0)
}

function fitting(file: ShownFile, candidates: readonly PlacedFinding[]): ShownFile {
  const isSmall = (one: ShownFile): boolean => tokensOf(one) <= maxFileTokens / 2
  if (isSmall(file)) return file
  const shorter = nearRows.map((rows) => nearClaims(file, candidates, rows))
  return shorter.find(isSmall) ?? shorter.at(-1) ?? file
}

const onlyNear = ' (only what is near the claims)'

function nearClaims(file: ShownFile, candidates: readonly PlacedFinding[], rows: number): ShownFile {
  const isNamed = (row: string): boolean => candidates.some((one) => isAbout(one, row))
  const near = file.hunks.flatMap((hunk) => piecesNear(hunk, isNamed, rows))
  // A claim about a line that the diff does not have: where the file begins is as good as any other place.
  const start = file.hunks.slice(0, 1).map((hunk) => hunk.split('\n', 2 * rows).join('\n'))
  const header = file.header.endsWith(onlyNear) ? file.header : `${file.header}${onlyNear}`
  return { ...file, header, hunks: near.length > 0 ? near : start }
}

/** Rows have the number of their side, see `shown-file.ts`. */
function isAbout({ line, side, startLine = line }: PlacedFinding, row: string): boolean {
  const [, number, sign] = /^(\d+) ([+ -])/.exec(row) ?? []
  return (side === 'LEFT') === (sign === '-') && startLine <= Number(number) && Number(number) <= line
}

/** Each piece begins with the hunk's first row. */
function piecesNear(hunk: string, isNamed: (row: string) => boolean, near: number): string[] {
  const [head = '@@', ...rows] = hunk.split('\n')
  const pieces: { first: number; last: number }[] = []
  for (const [index, row] of rows.entries()) {
    if (!isNamed(row)) continue
    const before = pieces.at(-1)
    if (before && index - near <= before.last + 1) before.last = index + near
    else pieces.push({ first: Math.max(0, index - near), last: index + near })
  }
  return pieces.map(({ first, last }) => [head, ...rows.slice(first, last + 1)].join('\n'))
}
