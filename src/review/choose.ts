// Which findings are published, in which order, and which of them as comments of their own.
//
// What must always hold: a finding that is held back says why, and stays in the record (a repeat does not); one whose verification did not
// confirm it is never published, whoever forgot to hold it back.
import { saysTheSame, shareOfWords } from './claims/same-claim.ts'
import { type Anchor, isPublished, type PlacedFinding, type Placement, severities } from './finding.ts'
import { wording } from './wording.ts'

/** What another bot or a linter has said on a line of the head. */
export interface Said extends Pick<Anchor, 'path' | 'line'> {
  side?: Anchor['side']
  text: string
  author: string
}

/**
 * Each one is an e-mail to somebody and a thread to be closed. Ten can be worked through in one sitting, and is the most that
 * other reviewers send unless told; people complain of 40, 65 and 90.
 */
const usualMaxComments = 10
/** Findings of one place, this near to each other, may be the same one found by two reviewers. */
const nearbyLines = 3
/** Share of words in common, of the words in either title. At a half, most of what is said is the same. */
const sameWords = 0.5
/** On the same lines, where few words decide, nearly all. */
const nearlyAllWords = 0.8
/** Of a file: far more than is published of it, and comparing ten thousand with each other would take half a minute. */
const maxCompared = 50
/** Of a bot's comment, in UTF-16 units: its claim stands at its beginning, and in a long text every word is found. */
const claimLength = 300

export interface Choice {
  /** Findings that are told in full, in the diff or in the body. */
  maxComments?: number
  said?: readonly Said[]
}

/**
 * Most severe first. Those past `maxComments` become `listed`, and so do the small ones that a model found: true, but not worth
 * an interruption. Where nothing else is said, nobody is called for them alone. Those that were not confirmed, or that somebody
 * else has said on their lines, become `held-back` and stand at the end.
 */
export function choosePublishable(
  placed: readonly PlacedFinding[],
  { maxComments = usualMaxComments, said = [] }: Choice = {},
): PlacedFinding[] {
  const judged = placed.map((finding) => {
    const reason = reasonToHoldBack(finding, said)
    return reason === undefined ? finding : demote(finding, { kind: 'held-back', reason })
  })
  const published = withoutRepeats(judged.filter(isPublished))
  const comments = published.filter(isWorthAComment).slice(0, maxComments)
  const rest: Placement =
    comments.length > 0 ? { kind: 'listed' } : { kind: 'held-back', reason: wording.heldBack.small }
  return [
    ...comments,
    ...published.filter((finding) => !comments.includes(finding)).map((finding) => demote(finding, rest)),
    ...judged.filter((finding) => !isPublished(finding)).toSorted(bySeverity),
  ]
}

/** What a check found is certain, and quickly mended. */
function isWorthAComment(finding: PlacedFinding): boolean {
  return finding.severity !== 'low' || isByCheck(finding) === 1
}

/** Most severe first, each thing said once. What a check found is certain, so it stays rather than what a model says of it. */
export function withoutRepeats(placed: readonly PlacedFinding[]): PlacedFinding[] {
  const ordered = placed.toSorted((a, b) => isByCheck(b) - isByCheck(a) || bySeverity(a, b))
  const kept = new Map<string, PlacedFinding[]>()
  const first: PlacedFinding[] = []
  for (const finding of ordered) {
    const before = kept.get(finding.path) ?? []
    kept.set(finding.path, before)
    const same = before.find((one) => isRepeat(one, finding))
    if (same) {
      // One change mends both: one comment, which says both.
      if (hasSameFix(same, finding) && !isSameClaim(same, finding))
        same.body += `\n\n${wording.review.mendsAlso(finding.title)}`
      continue
    }
    const own = { ...finding }
    if (before.length < maxCompared) before.push(own)
    first.push(own)
  }
  return first.toSorted(bySeverity)
}

const isByCheck = ({ reviewer }: PlacedFinding): number => Number(reviewer.startsWith('checks:'))

function bySeverity(a: PlacedFinding, b: PlacedFinding): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity)
}

function reasonToHoldBack(finding: PlacedFinding, said: readonly Said[]): string | undefined {
  const { placement, verification } = finding
  if (placement.kind === 'held-back') return placement.reason
  if (verification && verification.verdict !== 'confirmed') return verification.reason
  const before = said.find((one) => hasSaid(one, finding))
  return before && wording.heldBack.said(before.author)
}

function hasSaid(said: Said, finding: PlacedFinding): boolean {
  const place = placeOf(finding)
  const isThere = said.path === finding.path && gapBetween({ ...said, side: said.side ?? place.side }, place) <= 0
  return isThere && saysTheSame(finding.title, said.text.slice(0, claimLength), finding.quote ?? '')
}

/** The anchor goes, but the place that was proved stays. */
function demote(finding: PlacedFinding, placement: Placement): PlacedFinding {
  const { line, side, startLine } = placeOf(finding)
  const { startLine: _, ...rest } = finding
  return { ...rest, line, side, ...(startLine === undefined ? {} : { startLine }), placement }
}

function isRepeat(a: PlacedFinding, b: PlacedFinding): boolean {
  const gap = gapBetween(placeOf(a), placeOf(b))
  if (gap > 0) return gap <= nearbyLines && shareOfWords(a.title, b.title) >= sameWords
  return hasSameFix(a, b) || isSameClaim(a, b)
}

function hasSameFix(a: PlacedFinding, b: PlacedFinding): boolean {
  return Boolean(a.suggestion?.trim()) && a.suggestion?.trim() === b.suggestion?.trim()
}

function isSameClaim(a: PlacedFinding, b: PlacedFinding): boolean {
  const code = `${a.quote ?? ''}\n${b.quote ?? ''}`
  return saysTheSame(a.title, b.title, code) || shareOfWords(a.title, b.title) >= nearlyAllWords
}

type Place = Pick<Anchor, 'line' | 'startLine' | 'side'>

function placeOf(finding: PlacedFinding): Place {
  return finding.placement.kind === 'inline' ? finding.placement.anchor : finding
}

/** Lines from one to the other; 0 or less when they overlap, infinite on two sides. */
function gapBetween(a: Place, b: Place): number {
  const gap = Math.max(a.startLine ?? a.line, b.startLine ?? b.line) - Math.min(a.line, b.line)
  return a.side === b.side ? gap : Infinity
}
