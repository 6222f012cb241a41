// One problem that a reviewer reports, before and after its place was proved.

/** Most severe first. The order is the order of publication. */
export const severities = ['critical', 'high', 'medium', 'low'] as const
export type Severity = (typeof severities)[number]

/** GitHub's names: RIGHT is the new side (added and context lines), LEFT the old one (removed lines). */
export type Side = 'LEFT' | 'RIGHT'

export interface Finding {
  /** Name of the reviewer that found it, for example `correctness`. */
  reviewer: string
  severity: Severity
  path: string
  /** 1-based line in the file (not in the patch), the last one of the range. */
  line: number
  /** First line of the range; missing for a single line. */
  startLine?: number
  side: Side
  /** The code on `line` as the model quoted it. Proves the place, and finds the right one of several near lines. */
  quote?: string
  /** The claim, in one line of plain text. */
  title: string
  /** Why it is real, and what to do. Markdown. */
  body: string
  /** Replacement for exactly the lines of the range, without a fence. */
  suggestion?: string
}

/** Where GitHub lets us pin a comment. Lines are 1-based, all within one hunk. */
export interface Anchor {
  path: string
  side: Side
  line: number
  startLine?: number
}

export type Placement =
  /** `suggestionFits`: applying the suggestion replaces exactly the anchor's lines. Otherwise it is shown as plain code. */
  | { kind: 'inline'; anchor: Anchor; suggestionFits?: true }
  /** No provable place: the finding goes to the review's body, with this reason. */
  | { kind: 'body'; reason: string }
  /** Small, or past the cap on comments: a line in the body's folded list. */
  | { kind: 'listed' }
  /** Not published: refuted, not confirmed, said already, or small where nothing larger was said. */
  | { kind: 'held-back'; reason: string }

export interface PlacedFinding extends Finding {
  placement: Placement
  /** Missing where nothing had to be verified: what a check found. */
  verification?: Verification
}

/** What came of trying to refute a finding. Only a confirmed one is published. */
export interface Verification {
  /** `none`: there was no usable answer, or its evidence was never opened. */
  verdict: 'confirmed' | 'refuted' | 'none'
  /** One or two sentences, by the model or by us. */
  reason: string
  /** Lines of the head that were opened in this run and bear the verdict. */
  evidence: Evidence[]
}

export interface Evidence {
  path: string
  first: number
  last: number
}

/** Whether people on GitHub are told of it. Everything that counts, counts only these. */
export function isPublished({ placement }: Pick<PlacedFinding, 'placement'>): boolean {
  return placement.kind !== 'held-back'
}
