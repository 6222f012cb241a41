// What a review amounts to, from what was found and what was read.
import type { Finding } from './finding.ts'
import type { Coverage, FileLeftOut, Verdict } from './outcome.ts'

export function verdictOf(findings: readonly Pick<Finding, 'severity'>[]): Verdict {
  if (findings.length === 0) return 'clean'
  return findings.some(({ severity }) => severity === 'critical' || severity === 'high') ? 'blocking' : 'comments'
}

/** `filesRead` counts files of which at least one hunk was read. */
export function coverageOf(filesRead: number, leftOut: readonly FileLeftOut[]): Coverage {
  if (filesRead === 0) return 'none'
  return leftOut.some(({ kind }) => kind === 'unread') ? 'partial' : 'full'
}
