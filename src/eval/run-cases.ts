// Runs cases, some at a time. Each is kept as soon as it has ended, so that whatever interrupts the run loses none.
import { describe } from '../review/errors.ts'
import type { EvalCase } from './eval-case.ts'
import { type CaseResult, type CaseReview, type Comment, noUsage } from './result.ts'
import { scoreByJudge, scoreByPlace } from './score.ts'

/** For each problem of the case the index of the published comment that names it. */
export type Judge = (
  one: EvalCase,
  comments: readonly Comment[],
  signal: AbortSignal,
) => Promise<(number | undefined)[]>

export interface RunDeps {
  /** Throws what failed. */
  review: (one: EvalCase, signal: AbortSignal) => Promise<CaseReview>
  /** `undefined`: the place decides. */
  judge: Judge | undefined
  /** Of an earlier run into the same folder. */
  keptOf: (id: string) => CaseResult | undefined
  keep: (result: CaseResult) => void
  /** Told as each case ends, those that were kept already included. */
  ended: (result: CaseResult, how: 'now' | 'before') => void
  concurrency: number
}

/**
 * A case that fails is a result too, and is tried again by the next run. An abort ends the run early: what had ended is answered.
 */
export async function runCases(cases: readonly EvalCase[], deps: RunDeps, signal: AbortSignal): Promise<CaseResult[]> {
  const waiting = [...cases]
  const results: CaseResult[] = []
  async function work(): Promise<void> {
    for (let one = waiting.shift(); one !== undefined && !signal.aborted; one = waiting.shift()) {
      const before = deps.keptOf(one.id)
      const result = before && before.status !== 'failed' ? before : await runCase(one, deps, signal)
      if (!result) return
      results.push(result)
      deps.ended(result, result === before ? 'before' : 'now')
    }
  }
  await Promise.all(Array.from({ length: deps.concurrency }, work))
  return results.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** `undefined` when the run was aborted. */
async function runCase(one: EvalCase, deps: RunDeps, signal: AbortSignal): Promise<CaseResult | undefined> {
  const result = await reviewCase(one, deps, signal).catch((error: unknown) => failed(one, deps, error))
  if (signal.aborted) return undefined
  deps.keep(result)
  return result
}

async function reviewCase(one: EvalCase, { judge, review }: RunDeps, signal: AbortSignal): Promise<CaseResult> {
  const { comments, coverage, leftOut, notReviewed, usage } = await review(one, signal)
  const problems = judge
    ? scoreByJudge(one.problems, comments, await judge(one, comments, signal))
    : scoreByPlace(one.problems, comments)
  const status = notReviewed === undefined ? 'reviewed' : 'not-reviewed'
  return { ...headOf(one, judge), status, reason: notReviewed ?? null, coverage, problems, comments, leftOut, usage }
}

function failed(one: EvalCase, { judge }: RunDeps, error: unknown): CaseResult {
  const problems = one.problems.map((problem) => ({ ...problem, foundBy: null, lost: null }))
  const nothing = { comments: [], leftOut: [], usage: noUsage, coverage: 'none' as const }
  return { ...headOf(one, judge), status: 'failed', reason: describe(error), problems, ...nothing }
}

function headOf(
  { difficulty, id, language, title }: EvalCase,
  judge: Judge | undefined,
): Pick<CaseResult, 'id' | 'language' | 'difficulty' | 'title' | 'judgedBy'> {
  return { id, language, difficulty, title, judgedBy: judge ? 'model' : 'place' }
}
