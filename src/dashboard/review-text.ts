// A review as text for a terminal: what GitHub shows of it, without the pictures.
import { checkRunText } from '../review/check-run-text.ts'
import { composePublication, hasSomethingToSay } from '../review/compose.ts'
import { isPublished, type PlacedFinding } from '../review/finding.ts'
import { stripHidden } from '../review/markdown/hidden.ts'
import { withoutMarker } from '../review/marker.ts'
import type { FindingRow, ReviewRow } from '../store/review-row.ts'

/** As `GET /api/reviews/{id}` answers it. */
export interface ReviewAnswer extends Omit<ReviewRow, 'findings'> {
  findings: FindingRow[]
}

export function reviewText(review: ReviewAnswer): string {
  const { coverage, filesRead, leftOut, reason, status, summary } = review
  const findings = review.findings.map(toPlaced)
  const check = checkRunText({
    status,
    reason: reason ?? review.error ?? undefined,
    coverage: coverage ?? undefined,
    findings: findings.filter(isPublished).length,
    filesRead,
    leftOut,
    summary,
  })
  const head = `${review.owner}/${review.repo}#${review.number}  ${plain(review.title)}\n${review.delivery === 'shown' ? 'Shown only' : 'Check run'}: ${check.title} (${check.conclusion ?? check.state})`
  const posted = status === 'published' && hasSomethingToSay(findings) ? postedText(review, findings) : check.summary
  return [head, posted, heldBackText(findings)].filter(Boolean).join('\n\n')
}

/** As it was posted, but for the time, which goes on until the row has ended. */
function postedText(review: ReviewAnswer, findings: PlacedFinding[]): string {
  const { baseRef, costUsd, filesRead, headSha, id, kind, leftOut, summary, tokens } = review
  const text = { reviewId: id, ref: { kind, headSha, baseRef }, summary, findings, leftOut, filesRead, tokens }
  const { body, comments } = composePublication({
    ...text,
    ...(costUsd > 0 ? { costUsd } : {}),
    tookMs: tookMs(review),
  })
  const inline = comments.map(({ body: text, line, path, start_line }) => {
    const lines = start_line === undefined ? `${line}` : `${start_line}-${line}`
    return `── ${path}:${lines}\n${text.replaceAll(/^/gm, '   ')}`
  })
  return [withoutMarker(body), ...inline].join('\n\n')
}

/** A row that came over HTTP has its dates as text. */
function tookMs({ finishedAt, startedAt }: ReviewAnswer): number | undefined {
  return startedAt && finishedAt ? new Date(finishedAt).getTime() - new Date(startedAt).getTime() : undefined
}

function heldBackText(findings: readonly PlacedFinding[]): string {
  const rows = findings.flatMap(({ line, path, placement, title }) =>
    placement.kind === 'held-back'
      ? [`   ${plain(path)}:${line}  ${plain(title)}\n      ${plain(placement.reason)}`]
      : [],
  )
  return rows.length === 0 ? '' : [`── Held back (${rows.length}), not published`, ...rows].join('\n')
}

/** One line, without what a terminal would obey. */
const plain = (text: string): string => stripHidden(text).replace(/\s+/g, ' ').trim()

function toPlaced(row: FindingRow): PlacedFinding {
  const { body, line, path, placement, quote, reviewer, severity, side, startLine, suggestion, title } = row
  return {
    ...{ body, line, path, placement, reviewer, severity, side, title },
    ...(row.verification === null ? {} : { verification: row.verification }),
    ...(startLine === null ? {} : { startLine }),
    ...(quote === null ? {} : { quote }),
    ...(suggestion === null ? {} : { suggestion }),
  }
}
