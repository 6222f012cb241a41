// A review as a person meets it on this machine: what the terminal, JSON, SARIF and the evaluation tell.
import type { FileDiff, Hunk } from '../review/diff.ts'
import { parseFilePatch } from '../review/diff.ts'
import { checkRunText } from '../review/check-run-text.ts'
import { type PlacedFinding, type Severity, severities, type Side } from '../review/finding.ts'
import type { Coverage, FileLeftOut } from '../review/outcome.ts'
import type { ChangedFile } from '../review/pull-request.ts'
import type { LocalReview } from './local-story.ts'

export interface Reported {
  finding: PlacedFinding
  /** Where it stands in the diff, else what it claims. */
  side: Side
  startLine: number
  line: number
  /** The same in the head: a removed line stands where it was. `undefined` when its file has no such place. */
  inHead: { startLine: number; line: number } | undefined
  /** The lines themselves, as far as the diff has them. */
  code: string[]
}

export interface Report {
  /** `failed`: thrown. Only `reviewed` may be taken for "somebody has looked at everything". */
  status: 'reviewed' | 'partly-reviewed' | 'skipped' | 'not-reviewed' | 'failed'
  /** In the words of the check run. */
  headline: string
  coverage: Coverage
  summary: string
  /** Published, the most severe first. */
  findings: Reported[]
  heldBack: Reported[]
  filesRead: number
  leftOut: FileLeftOut[]
}

export function reportOf({ files, outcome, record }: LocalReview): Report {
  const all = (record?.findings ?? []).map((finding) => toReported(finding, files))
  const findings = all.filter(({ finding }) => finding.placement.kind !== 'held-back')
  const { coverage = 'none', filesRead = 0, leftOut = [], summary = '' } = record ?? {}
  const reason = 'reason' in outcome ? outcome.reason : undefined
  const facts = { status: outcome.kind, reason, coverage, findings: findings.length, filesRead, leftOut, summary }
  const heldBack = all.filter((one) => !findings.includes(one))
  const { title: headline } = checkRunText(facts)
  return { status: statusOf(facts), headline, coverage, summary, findings, heldBack, filesRead, leftOut }
}

/** What is told where the review has failed. */
export function failedReport(reason: string): Report {
  const headline = `Not reviewed: ${reason}`
  const nothing = { coverage: 'none' as const, summary: '', findings: [], heldBack: [], filesRead: 0, leftOut: [] }
  return { status: 'failed', headline, ...nothing }
}

function statusOf({
  coverage,
  status,
}: {
  status: LocalReview['outcome']['kind']
  coverage: Coverage
}): Report['status'] {
  if (status === 'skipped') return 'skipped'
  if (status !== 'published' || coverage === 'none') return 'not-reviewed'
  return coverage === 'full' ? 'reviewed' : 'partly-reviewed'
}

/** Whether something published is at least as severe. */
export function meets({ findings }: Report, least: Severity): boolean {
  return findings.some(({ finding }) => severities.indexOf(finding.severity) <= severities.indexOf(least))
}

function toReported(finding: PlacedFinding, files: readonly ChangedFile[]): Reported {
  const { path, placement } = finding
  const at = placement.kind === 'inline' ? placement.anchor : finding
  const { line, side, startLine = line } = at
  const file = files.find((one) => one.path === path)
  const diff = file && parseFilePatch(file)
  if (!diff || 'kind' in diff) return { finding, side, startLine, line, inHead: undefined, code: [] }
  const inHead = { startLine: lineInHead(diff, side, startLine), line: lineInHead(diff, side, line) }
  const code = linesOf(diff, side).flatMap(({ number, text }) => (startLine <= number && number <= line ? [text] : []))
  const { startLine: first, line: last } = inHead
  const place = first === undefined || last === undefined ? undefined : { startLine: first, line: last }
  return { finding, side, startLine, line, inHead: place, code }
}

/** Of a removed line: the first one after it in its hunk that is there, or else the last one before it. */
function lineInHead(diff: FileDiff, side: Side, number: number): number | undefined {
  if (side === 'RIGHT') return number
  for (const { lines } of diff.hunks) {
    const index = lines.findIndex(({ kind, oldLine }) => kind === 'removed' && oldLine === number)
    if (index === -1) continue
    const after = lines.slice(index).find(({ newLine }) => newLine !== undefined)
    return (after ?? lines.findLast(({ newLine }) => newLine !== undefined))?.newLine
  }
  return undefined
}

function linesOf({ hunks }: { hunks: Hunk[] }, side: Side): { number: number; text: string }[] {
  return hunks.flatMap(({ lines }) =>
    lines.flatMap(({ newLine, oldLine, text }) => {
      const number = side === 'RIGHT' ? newLine : oldLine
      return number === undefined ? [] : [{ number, text }]
    }),
  )
}
