// What a review amounts to, from what was found and what was read.
import { isPublished, type PlacedFinding } from './finding.ts'
import type { Coverage, FileLeftOut, Verdict } from './outcome.ts'

export function verdictOf(findings: readonly Pick<PlacedFinding, 'severity' | 'placement'>[]): Verdict {
  const published = findings.filter(isPublished)
  if (published.length === 0) return 'clean'
  return published.some(({ severity }) => severity === 'critical' || severity === 'high') ? 'blocking' : 'comments'
}

/** Some entries are about no file, one is about many, and two may be about the same. */
export function countFiles(leftOut: readonly FileLeftOut[], kind: FileLeftOut['kind']): number {
  const counts = new Map(leftOut.filter((one) => one.kind === kind).map(({ files = 1, path }) => [path, files]))
  return [...counts.values()].reduce((sum, one) => sum + one, 0)
}

/** `filesRead` counts files of which at least one hunk was read. */
export function coverageOf(filesRead: number, leftOut: readonly FileLeftOut[]): Coverage {
  if (filesRead === 0) return 'none'
  return leftOut.some(({ kind }) => kind === 'unread') ? 'partial' : 'full'
}
