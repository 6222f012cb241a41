// Which lines of the head a model has been shown in one conversation. A claim about any other line is about code that nobody
// looked at.
import type { LineRange } from '../../jobs/code/codebase.ts'
import type { Evidence } from '../../review/finding.ts'
import type { ShownFile } from '../shown-file.ts'

export interface Opened {
  add(lines: Evidence): void
  /** Whether at least one line of it was shown. */
  touches(lines: Evidence): boolean
}

export function createOpened(shown: readonly Evidence[] = []): Opened {
  const byPath = new Map<string, LineRange[]>()
  const opened: Opened = {
    add({ path, first, last }) {
      byPath.set(path, [...(byPath.get(path) ?? []), { first, last }])
    },
    touches({ path, first, last }) {
      return (byPath.get(path) ?? []).some((one) => one.first <= last && first <= one.last)
    },
  }
  for (const lines of shown) opened.add(lines)
  return opened
}

/** The numbered lines of the new side, as `shown-file.ts` writes them; one entry for each row that is not broken. */
export function linesShown(file: Pick<ShownFile, 'path' | 'hunks'>): Evidence[] {
  const ranges: Evidence[] = []
  for (const row of file.hunks.flatMap((hunk) => hunk.split('\n'))) {
    const number = Number(/^(\d+) [+ ]/.exec(row)?.[1] ?? Number.NaN)
    if (Number.isNaN(number)) continue
    const before = ranges.at(-1)
    if (before?.last === number - 1) before.last = number
    else ranges.push({ path: file.path, first: number, last: number })
  }
  return ranges
}
