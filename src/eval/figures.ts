// The figures of a run, and of parts of it.
import { type CaseResult, isWrittenOut } from './result.ts'

export interface Figures {
  cases: number
  /** Not reviewed, or failed: their problems count as not found. */
  notReviewed: number
  problems: number
  found: number
  rootCauses: number
  /** A root cause is found when one of its problems is. */
  rootCausesFound: number
  /** Published: in the diff or in the body. */
  comments: number
  /** Of them: in the diff. */
  inline: number
  /** Of them: naming a known problem. */
  hits: number
  listed: number
  heldBack: number
  /** Reviewed cases that nothing is wrong with, and the comments on them. */
  cleanCases: number
  cleanComments: number
  tokens: { input: number; output: number; cached: number }
  /** `null`: not known. */
  costUsd: number | null
  requests: number
  medianMs: number
}

export function figuresOf(results: readonly CaseResult[]): Figures {
  const problems = results.flatMap((result) => result.problems)
  const causes = results.map(causesOf)
  const published = results.map(publishedOf)
  const clean = results.filter((result) => isClean(result) && result.status === 'reviewed')
  const all = results.flatMap((result) => result.comments)
  return {
    cases: results.length,
    notReviewed: results.filter(({ status }) => status !== 'reviewed').length,
    problems: problems.length,
    found: problems.filter(({ foundBy }) => foundBy !== null).length,
    rootCauses: sum(causes.map(({ known }) => known)),
    rootCausesFound: sum(causes.map(({ found }) => found)),
    comments: sum(published.map((comments) => comments.length)),
    inline: all.filter(({ place }) => place === 'inline').length,
    hits: sum(results.map((result) => hitsOf(result).size)),
    listed: all.filter(({ place }) => place === 'listed').length,
    heldBack: all.filter(({ place }) => place === 'held-back').length,
    cleanCases: clean.length,
    cleanComments: sum(clean.map((result) => publishedOf(result).length)),
    tokens: {
      input: sum(results.map(({ usage }) => usage.tokens.input)),
      output: sum(results.map(({ usage }) => usage.tokens.output)),
      cached: sum(results.map(({ usage }) => usage.tokens.cached)),
    },
    costUsd: costOf(results),
    requests: sum(results.map(({ usage }) => usage.requests)),
    medianMs: medianOf(results.filter(({ status }) => status === 'reviewed').map(({ usage }) => usage.ms)),
  }
}

export const isClean = ({ problems }: CaseResult): boolean => problems.length === 0

export function publishedOf({ comments }: CaseResult): CaseResult['comments'] {
  return comments.filter(isWrittenOut)
}

/** Indexes of the comments that name a known problem. */
export function hitsOf({ problems }: CaseResult): Set<number> {
  return new Set(problems.flatMap(({ foundBy }) => foundBy ?? []))
}

export function causesOf({ problems }: CaseResult): { known: number; found: number } {
  const known = new Set(problems.map(({ rootCause }) => rootCause))
  const found = new Set(problems.filter(({ foundBy }) => foundBy !== null).map(({ rootCause }) => rootCause))
  return { known: known.size, found: found.size }
}

function costOf(results: readonly CaseResult[]): number | null {
  const costs = results.map(({ usage }) => usage.costUsd)
  return costs.every((cost) => cost !== null) ? sum(costs) : null
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

/** The upper one of two in the middle; 0 of none. */
function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}
