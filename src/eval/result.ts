// What came of one case. Plain JSON: it is kept as `result.json`.
import type { Severity } from '../review/finding.ts'
import type { Coverage, FileLeftOut } from '../review/outcome.ts'
import type { EvalCase, Problem } from './eval-case.ts'

/** A finding, as a person meets it in the review. */
export interface Comment {
  path: string
  /** Lines of the head. A comment on a removed line stands where the line was. */
  startLine: number
  line: number
  severity: Severity
  reviewer: string
  title: string
  body: string
  place: 'inline' | 'body' | 'listed' | 'held-back'
  /** Why it has no place in the diff, or is held back. */
  reason?: string
}

export interface Usage {
  tokens: { input: number; output: number; cached: number }
  /** `null`: some request had no price. */
  costUsd: number | null
  /** Of the whole review. What an interrupted run had done before counts as long as it took then. */
  ms: number
  /** Steps that asked a model. */
  requests: number
}

/** What the pipeline made of a case. */
export interface CaseReview {
  /** `undefined`: reviewed. Otherwise why not, in a sentence. */
  notReviewed: string | undefined
  coverage: Coverage
  /** All findings, whatever became of them. */
  comments: Comment[]
  leftOut: FileLeftOut[]
  usage: Usage
}

export interface JudgedProblem extends Problem {
  /** Index in `comments` of the published one that names it. */
  foundBy: number | null
  /** Where it was lost, when it was found and not published. */
  lost: string | null
}

export interface CaseResult extends Pick<EvalCase, 'id' | 'language' | 'difficulty' | 'title'> {
  status: 'reviewed' | 'not-reviewed' | 'failed'
  /** Why it was not reviewed, or what failed. */
  reason: string | null
  coverage: Coverage
  judgedBy: 'place' | 'model'
  problems: JudgedProblem[]
  comments: Comment[]
  leftOut: FileLeftOut[]
  usage: Usage
}

/** What a person is interrupted for. Published are those that are only listed, too: see `review/finding.ts`. */
export function isWrittenOut({ place }: Comment): boolean {
  return place === 'inline' || place === 'body'
}

export const noUsage: Usage = { tokens: { input: 0, output: 0, cached: 0 }, costUsd: 0, ms: 0, requests: 0 }
