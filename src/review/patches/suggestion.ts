// What becomes of a suggestion: offered to be applied with a click, tried on the file, or taken back.
import type { Anchor, PlacedFinding } from '../finding.ts'
import { block } from '../markdown/placeholder.ts'

/** A model repeats the few lines that it was shown around the change. */
const maxRepeated = 20

/** Lines of a hunk's side, of which those from `from` up to, not including, `to` are replaced. */
interface Replaced {
  code: readonly string[]
  from: number
  to: number
}

/**
 * Applying a suggestion replaces its comment's lines and nothing else. One that repeats lines just before or after them was
 * written for a longer range, and would double those; one that changes nothing is no suggestion.
 * https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/commenting-on-a-pull-request
 */
export function replacesExactly(suggestion: string, { code, from, to }: Replaced): boolean {
  // Written for code from which a secret was taken out: applied, it would put the placeholder there.
  if (suggestion.includes(block)) return false
  const wanted = suggestion.replace(/\r?\n$/, '').split(/\r?\n/)
  const inside = code.slice(from, to)
  if (wanted.join('\n') === inside.join('\n')) return false
  const counts = Array.from({ length: Math.min(wanted.length, maxRepeated) }, (_, index) => index + 1)
  return !counts.some((count) => {
    const before = code.slice(Math.max(0, from - count), from)
    const doublesBefore = doubles(wanted.slice(0, count), before, inside.slice(0, count))
    return doublesBefore || doubles(wanted.slice(-count), code.slice(to, to + count), inside.slice(-count))
  })
}

/** Of lines that are equal inside and outside of the range, those inside are meant. */
function doubles(wanted: readonly string[], outside: readonly string[], inside: readonly string[]): boolean {
  if (wanted.length !== outside.length) return false
  const plain = (lines: readonly string[]): string => lines.map((line) => line.trim()).join('\n')
  return plain(outside).trim() !== '' && plain(wanted) === plain(outside) && plain(inside) !== plain(outside)
}

/**
 * The file as a click would make it: exactly the anchor's lines are replaced, by nothing when the suggestion is empty.
 * `text` is the file at the reviewed head.
 */
export function applySuggestion(text: string, anchor: Anchor, suggestion: string): string {
  const lines = text.split('\n')
  const end = lines[anchor.line - 1]?.endsWith('\r') ? '\r' : ''
  const plain = suggestion.replace(/\r?\n$/, '')
  const wanted = plain === '' ? [] : plain.split(/\r?\n/)
  const start = anchor.startLine ?? anchor.line
  lines.splice(start - 1, anchor.line - start + 1, ...wanted.map((line) => line + end))
  return lines.join('\n')
}

/** The suggestion stays to be read, as code; nobody is offered to apply it. */
export function withoutClick(finding: PlacedFinding): PlacedFinding {
  const { placement } = finding
  if (placement.kind !== 'inline') return finding
  return { ...finding, placement: { kind: 'inline', anchor: placement.anchor } }
}
