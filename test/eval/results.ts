// Problems, comments and results to count.
import type { EvalCase, Problem } from '../../src/eval/eval-case.ts'
import { type CaseResult, type CaseReview, type Comment, noUsage } from '../../src/eval/result.ts'

export const patient: AbortSignal = new AbortController().signal

export function problemAt(line: number, some: Partial<Problem> = {}): Problem {
  const what = 'The last page is never read.'
  return { path: 'a.py', startLine: line, line, severity: 'high', what, rootCause: `at ${line}`, words: [], ...some }
}

export function commentAt(line: number, some: Partial<Comment> = {}): Comment {
  const title = 'The last page is skipped'
  const body = 'range() ends before its second argument.'
  const lines = { startLine: line, line }
  return { path: 'a.py', ...lines, severity: 'high', reviewer: 'correctness', title, body, place: 'inline', ...some }
}

export function caseOf(id: string, problems: Problem[] = []): EvalCase {
  const source = { kind: 'trees', base: '/nowhere/base', head: '/nowhere/head' } as const
  return { id, language: 'Python', difficulty: 'easy', title: 'Read all pages', description: '', problems, source }
}

export function reviewWith(comments: Comment[], some: Partial<CaseReview> = {}): CaseReview {
  return { notReviewed: undefined, coverage: 'full', comments, leftOut: [], usage: noUsage, ...some }
}

export function resultOf(id: string, some: Partial<CaseResult> = {}): CaseResult {
  const { difficulty, language, title } = caseOf(id)
  const head = { id, language, difficulty, title, status: 'reviewed', reason: null, coverage: 'full' } as const
  return { ...head, judgedBy: 'place', problems: [], comments: [], leftOut: [], usage: noUsage, ...some }
}
