// What becomes of a suggestion: applied, to see whether the file is still what it was, or taken back.
import type { Anchor, PlacedFinding } from '../finding.ts'

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
