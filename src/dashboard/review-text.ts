// A review as text for a terminal: what GitHub shows of it, without the pictures.
import { checkRunText } from '../review/check-run-text.ts'
import { composePublication, hasSomethingToSay } from '../review/compose.ts'
import type { PlacedFinding } from '../review/finding.ts'
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
    findings: findings.length,
    filesRead,
    leftOut,
    summary,
  })
  const head = `${review.owner}/${review.repo}#${review.number}  ${review.title}\n${review.delivery === 'shown' ? 'Shown only' : 'Check run'}: ${check.title} (${check.conclusion ?? check.state})`
  const posted = status === 'published' && hasSomethingToSay(findings) ? postedText(review, findings) : check.summary
  return [head, posted].join('\n\n')
}

/** The same bytes that were posted: composing is deterministic. */
function postedText(review: ReviewAnswer, findings: PlacedFinding[]): string {
  const { baseRef, filesRead, headSha, id, kind, leftOut, summary, tokens } = review
  const ref = { kind, headSha, baseRef }
  const { body, comments } = composePublication({ reviewId: id, ref, summary, findings, leftOut, filesRead, tokens })
  const inline = comments.map(({ body: text, line, path, start_line }) => {
    const lines = start_line === undefined ? `${line}` : `${start_line}-${line}`
    return `── ${path}:${lines}\n${text.replaceAll(/^/gm, '   ')}`
  })
  return [withoutMarker(body), ...inline].join('\n\n')
}

function toPlaced(row: FindingRow): PlacedFinding {
  const { body, line, path, placement, quote, reviewer, severity, side, startLine, suggestion, title } = row
  return {
    ...{ body, line, path, placement, reviewer, severity, side, title },
    ...(startLine === null ? {} : { startLine }),
    ...(quote === null ? {} : { quote }),
    ...(suggestion === null ? {} : { suggestion }),
  }
}
