// Reports to write down.
import { type Report, reportOf } from '../../src/cli/reported.ts'
import type { Finding, PlacedFinding } from '../../src/review/finding.ts'
import type { ChangedFile } from '../../src/review/pull-request.ts'

/** Lines 9 to 13 of the head; `old` was line 11. */
const patch = ['@@ -9,4 +9,5 @@ fn', ' a', ' b', '-old', '+new', '+newer', ' c'].join('\n')
const file: ChangedFile = { path: 'src/a b.ts', status: 'modified', additions: 2, deletions: 1, patch }

export function findingAt(line: number, some: Partial<Finding> = {}): Finding {
  const said = { title: 'It is wrong', body: 'When it runs, it fails.', reviewer: 'correctness' }
  return { path: file.path, line, side: 'RIGHT', severity: 'high', ...said, ...some }
}

export function inline(finding: Finding, fits = false): PlacedFinding {
  const { line, path, side, startLine } = finding
  const anchor = { path, side, line, ...(startLine === undefined ? {} : { startLine }) }
  return { ...finding, placement: { kind: 'inline', anchor, ...(fits ? { suggestionFits: true } : {}) } }
}

export function reportWith(findings: PlacedFinding[], some: Partial<Report> = {}): Report {
  const tokens = { input: 0, output: 0, cached: 0 }
  const record = {
    summary: 'It changes a line.',
    coverage: 'full',
    verdict: 'comments',
    findings,
    leftOut: [],
    filesRead: 1,
    tokens,
  } as const
  const outcome = { kind: 'published', delivery: 'shown' } as const
  return { ...reportOf({ outcome, record: { ...record, leftOut: [] }, files: [file] }), ...some }
}
