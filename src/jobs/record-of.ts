import type { PlacedFinding } from '../review/finding.ts'
import type { FileLeftOut } from '../review/outcome.ts'
import { coverageOf, verdictOf } from '../review/verdict.ts'
import { wording } from '../review/wording.ts'
import type { Examination, ReviewRecord } from './ports.ts'

/** What is stored and told of an examination. A part of an answer that could not be read counts like a file that was not. */
export function recordOf(examined: Examination, findings: PlacedFinding[], noise: FileLeftOut[]): ReviewRecord {
  const unheard = examined.malformed.map((reason): FileLeftOut => ({
    kind: 'unread',
    path: wording.files.answer,
    reason,
    files: 0,
  }))
  const leftOut = [...noise, ...examined.leftOut, ...unheard]
  const { filesRead, summary } = examined
  return {
    summary,
    coverage: coverageOf(filesRead, leftOut),
    verdict: verdictOf(findings),
    findings,
    leftOut,
    filesRead,
  }
}
