// Which lines of the head a model has been shown in one conversation. A claim about any other line is about code that nobody
// looked at.
import type { LineRange } from '../../jobs/code/codebase.ts'
import type { Evidence } from '../../review/finding.ts'
import type { ShownFile } from '../shown-file.ts'

export interface Opened {
  add(lines: Evidence): void
  /** The conversation began anew: what was added is not in it any more. */
  forget(): void
  /** Whether at least half of its lines were shown. Never of more than `maxCited`. */
  covers(lines: Evidence): boolean
}

/** Whoever cites more names no place: the longest functions that are shown whole have a few more (`context.ts`). */
export const maxCited = 100

export function createOpened(shown: readonly Evidence[] = []): Opened {
  const byPath = new Map<string, LineRange[]>()
  const begin = (): void => {
    byPath.clear()
    for (const lines of shown) opened.add(lines)
  }
  const opened: Opened = {
    forget: begin,
    add({ path, first, last }) {
      const ranges = byPath.get(path)
      if (ranges) ranges.push({ first, last })
      else byPath.set(path, [{ first, last }])
    },
    covers({ path, first, last }) {
      const count = last - first + 1
      if (count > maxCited) return false
      const ranges = byPath.get(path) ?? []
      const lines = Array.from({ length: count }, (_, index) => first + index)
      const seen = lines.filter((line) => ranges.some((one) => one.first <= line && line <= one.last))
      return 2 * seen.length >= count
    },
  }
  begin()
  return opened
}

/** The lines of the new side, as `shown-file.ts` writes them; one entry for each row that is not broken. */
export function linesShown(file: Pick<ShownFile, 'path' | 'hunks'>): Evidence[] {
  const rows = file.hunks.flatMap((hunk) => hunk.split('\n'))
  return joined(rows.flatMap((row) => lineShown(file.path, row) ?? []))
}

/** The line of the new side that a row of a shown file shows. */
export function lineShown(path: string, row: string): Evidence | undefined {
  const number = /^(\d+) [+ ]/.exec(row)?.[1]
  return number === undefined ? undefined : { path, first: Number(number), last: Number(number) }
}

/** Neighbours become one. */
export function joined(lines: readonly Evidence[]): Evidence[] {
  const ranges: Evidence[] = []
  for (const one of lines) {
    const before = ranges.at(-1)
    if (before?.path === one.path && before.last === one.first - 1) before.last = one.last
    else ranges.push({ ...one })
  }
  return ranges
}
