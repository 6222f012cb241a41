import type { CaseReview, Comment, Usage } from '../eval/result.ts'
import type { Report, Reported } from './reported.ts'

/** A report as the evaluation counts it. A part that was not read does not make a case unreviewed; it is told. */
export function caseReviewOf(report: Report, usage: Usage): CaseReview {
  const { coverage, findings, headline, heldBack, leftOut, status } = report
  const wasReviewed = status === 'reviewed' || status === 'partly-reviewed'
  return {
    notReviewed: wasReviewed ? undefined : headline,
    coverage,
    comments: [...findings, ...heldBack].map(toComment),
    leftOut,
    usage,
  }
}

function toComment({ finding, inHead, line, startLine }: Reported): Comment {
  const { body, path, placement, reviewer, severity, title } = finding
  const reason = 'reason' in placement ? { reason: placement.reason } : {}
  return { path, ...(inHead ?? { startLine, line }), severity, reviewer, title, body, place: placement.kind, ...reason }
}
