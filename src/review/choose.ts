// Which findings are published, in which order, and which of them as inline comments.
import { type Anchor, type PlacedFinding, severities, wordsOf } from './finding.ts'

/** More comments than this are not read by anyone, and each one is an e-mail to somebody. */
const maxInlineComments = 30
/** Findings of one place, this near to each other, may be the same one found by two reviewers. */
const nearbyLines = 3
/** Share of words in common, of the words in either title. At a half, most of what is said is the same. */
const sameWords = 0.5

/**
 * Most severe first; the same thing said twice is kept once, as the more severe; inline comments past `maxComments` go to
 * the body.
 */
export function choosePublishable(
  placed: readonly PlacedFinding[],
  { maxComments = maxInlineComments }: { maxComments?: number } = {},
): PlacedFinding[] {
  const ordered = placed.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
  let comments = 0
  return withoutRepeats(ordered).map((finding) => {
    if (finding.placement.kind === 'body' || ++comments <= maxComments) return finding
    const reason = `Only the ${maxComments} most severe findings stand in the diff.`
    return { ...finding, placement: { kind: 'body', reason } }
  })
}

function withoutRepeats(findings: readonly PlacedFinding[]): PlacedFinding[] {
  const kept = new Map<string, PlacedFinding[]>()
  return findings.filter((finding) => {
    const before = kept.get(finding.path) ?? []
    kept.set(finding.path, before)
    if (before.some((one) => isRepeat(one, finding))) return false
    before.push(finding)
    return true
  })
}

function isRepeat(a: PlacedFinding, b: PlacedFinding): boolean {
  return isNear(placeOf(a), placeOf(b)) && shareOfWords(a.title, b.title) >= sameWords
}

type Place = Pick<Anchor, 'line' | 'startLine' | 'side'>

function placeOf(finding: PlacedFinding): Place {
  return finding.placement.kind === 'inline' ? finding.placement.anchor : finding
}

function isNear(a: Place, b: Place): boolean {
  const gap = Math.max(a.startLine ?? a.line, b.startLine ?? b.line) - Math.min(a.line, b.line)
  return a.side === b.side && gap <= nearbyLines
}

function shareOfWords(a: string, b: string): number {
  const [first, second] = [new Set(wordsOf(a)), new Set(wordsOf(b))]
  const all = first.union(second).size
  return all === 0 ? 1 : first.intersection(second).size / all
}
