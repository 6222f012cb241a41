// What fits into one call. Files go in whole, the most important ones first; what does not fit is named, never dropped in
// silence.
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

export interface Packed {
  files: ShownFile[]
  leftOut: FileLeftOut[]
}

/**
 * Takes whole files while they fit. One that is larger than the whole budget is cut between two hunks and named as partly
 * read; one that only came too late is left out, and smaller ones after it still get their place.
 */
export function packFiles(files: readonly ShownFile[], maxTokens: number): Packed {
  const packed: Packed = { files: [], leftOut: [] }
  let free = maxTokens
  for (const file of files.toSorted(byImportance)) {
    const part = tokensOf(file) <= maxTokens ? file : firstHunks(file, free)
    if (part.hunks.length === 0 || tokensOf(part) > free) {
      packed.leftOut.push({ kind: 'unread', path: file.path, reason: `did not fit the budget of ${maxTokens} tokens` })
      continue
    }
    free -= tokensOf(part)
    packed.files.push(part)
    if (part !== file)
      packed.leftOut.push({ kind: 'unread', path: file.path, reason: cutReason(part, file, maxTokens) })
  }
  return packed
}

function tokensOf(file: ShownFile): number {
  return estimateTokens(`${textOfFile(file)}\n`)
}

function firstHunks(file: ShownFile, maxTokens: number): ShownFile {
  const part: ShownFile = { ...file, header: `${file.header} (the first hunks only)`, hunks: [] }
  for (const hunk of file.hunks) {
    const longer = { ...part, hunks: [...part.hunks, hunk] }
    if (tokensOf(longer) > maxTokens) break
    part.hunks = longer.hunks
  }
  return part
}

function cutReason(part: ShownFile, file: ShownFile, maxTokens: number): string {
  return `only the first ${part.hunks.length} of ${file.hunks.length} hunks were read: the rest did not fit the budget of ${maxTokens} tokens`
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
