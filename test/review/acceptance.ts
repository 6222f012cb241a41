// GitHub's rule for the place of a comment, written a second time and in another way than in `src/review/`: from the text of
// the patch, row by row. https://docs.github.com/en/rest/pulls/comments#create-a-review-comment-for-a-pull-request
import type { InlineComment } from '../../src/review/publication.ts'

export type Place = Pick<InlineComment, 'path' | 'line' | 'side' | 'start_line' | 'start_side'>

interface Spot {
  hunk: number
  text: string
}

/** By `RIGHT 12`: added and context lines. By `LEFT 12`: removed lines. */
export function spotsOf(patch: string): Map<string, Spot> {
  const spots = new Map<string, Spot>()
  let [hunk, left, right, leftToGo, rightToGo] = [0, 0, 0, 0, 0]
  for (const row of patch.split('\n')) {
    if (leftToGo <= 0 && rightToGo <= 0) {
      const [, oldStart = '', oldLines = '1', newStart = '', newLines = '1'] =
        /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(row) ?? []
      ;[hunk, left, right, leftToGo, rightToGo] = [hunk + 1, +oldStart, +newStart, +oldLines, +newLines]
      continue
    }
    const text = row.slice(1)
    if (row.startsWith('\\')) continue
    if (row.startsWith('-')) spots.set(`LEFT ${left}`, { hunk, text })
    else spots.set(`RIGHT ${right}`, { hunk, text })
    if (!row.startsWith('+')) [left, leftToGo] = [left + 1, leftToGo - 1]
    if (!row.startsWith('-')) [right, rightToGo] = [right + 1, rightToGo - 1]
  }
  return spots
}

/** What GitHub would object to, or `undefined`. */
export function objection(place: Place, patches: ReadonlyMap<string, string>): string | undefined {
  const patch = patches.get(place.path)
  if (patch === undefined) return 'path is invalid'
  const spots = spotsOf(patch)
  const end = spots.get(`${place.side} ${place.line}`)
  if (!end) return 'line must be part of the diff'
  if (place.start_line === undefined)
    return place.start_side === undefined ? undefined : 'start side without start line'
  if (place.start_side !== place.side) return 'two sides'
  if (place.start_line >= place.line) return 'start line must precede the end line'
  const start = spots.get(`${place.side} ${place.start_line}`)
  return start?.hunk === end.hunk ? undefined : 'start line must be part of the same hunk'
}
