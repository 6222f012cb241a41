// The list of files that were not read, as people unfold it in the review's body and in the check run.
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
  const rows = files.slice(0, maxFiles).map(({ path, reason }) => {
    const name = path.length > maxPathLength ? `…${path.slice(-maxPathLength)}` : path
    return wording.files.leftOut(codeSpan(name), harmlessLine(reason, maxReasonLength))
  })
  const more = files.length > maxFiles ? [wording.files.more(files.length - maxFiles)] : []
  const title = kind === 'unread' ? wording.files.unread(files.length) : wording.files.noise(files.length)
  return [`<details><summary>${title}</summary>`, [...rows, ...more].join('\n'), '</details>'].join('\n\n')
}
