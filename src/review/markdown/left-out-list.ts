// Lists that people unfold, in the review's body and in the check run.
import { codeSpan } from './code.ts'
import { harmlessLine } from './harmless.ts'
import type { FileLeftOut } from '../outcome.ts'
import { wording } from '../wording.ts'

/** Nobody reads on after that many; the dashboard has them all. */
const maxFiles = 50
const maxPathLength = 200
const maxReasonLength = 200

/** Folded; empty when there are none. At most 22,000 UTF-16 units. */
export function listLeftOut(leftOut: readonly FileLeftOut[], kind: FileLeftOut['kind']): string {
  const files = leftOut.filter((file) => file.kind === kind)
  if (files.length === 0) return ''
  const rows = files.map(({ path, reason }) =>
    wording.files.leftOut(pathSpan(path), harmlessLine(reason, maxReasonLength)),
  )
  const title = kind === 'unread' ? wording.files.unread(files.length) : wording.files.noise(files.length)
  return foldedList(title, rows, maxFiles)
}

/** Rows past `most` are counted. */
export function foldedList(title: string, rows: readonly string[], most: number): string {
  const more = rows.length > most ? [wording.files.more(rows.length - most)] : []
  return [`<details><summary>${title}</summary>`, [...rows.slice(0, most), ...more].join('\n'), '</details>'].join(
    '\n\n',
  )
}

/** As code; of a long path its end, which tells files apart. */
export function pathSpan(path: string): string {
  return codeSpan(path.length > maxPathLength ? `…${path.slice(-maxPathLength)}` : path)
}
