// What is read from the store for people: the API and the pages. Dates are Postgres's clock.
import type { Trigger } from '../jobs/hook.ts'
import type { TokenCount } from '../jobs/ports.ts'
import type { Placement, Severity, Side, Verification } from '../review/finding.ts'
import type { CommitSha, ReviewId } from '../review/ids.ts'
import type { Coverage, DeliveryOfReview, FileLeftOut, Status, Verdict } from '../review/outcome.ts'
import type { ReviewKind } from '../review/pull-request.ts'

export interface ReviewRow {
  id: ReviewId
  owner: string
  repo: string
  number: number
  title: string
  author: string
  headSha: CommitSha
  baseRef: string
  kind: ReviewKind
  trigger: Trigger
  status: Status
  coverage: Coverage | null
  verdict: Verdict | null
  delivery: DeliveryOfReview | null
  /** Why it was skipped, superseded or cancelled, or what it waits for. */
  reason: string | null
  /** The last recorded error. */
  error: string | null
  epoch: number
  generation: number
  /** Recorded errors in this generation. */
  attempts: number
  crashes: number
  /** The last owner. */
  worker: string | null
  notBefore: Date | null
  createdAt: Date
  /** When it was recorded, or tried again. */
  askedAt: Date
  /** Of the first claim in this generation. */
  startedAt: Date | null
  finishedAt: Date | null
  githubReviewId: number | null
  summary: string
  filesRead: number
  leftOut: FileLeftOut[]
  /** Number of published findings. */
  findings: number
  /** Paid so far, over all attempts. */
  tokens: TokenCount
  costUsd: number
  /** Goes up with every change of the row and of its spans. */
  eventSeq: number
}

export interface FindingRow {
  reviewer: string
  severity: Severity
  path: string
  line: number
  startLine: number | null
  side: Side
  quote: string | null
  title: string
  body: string
  suggestion: string | null
  placement: Placement
  /** `null` where nothing had to be verified. */
  verification: Verification | null
}

export interface SpanRow {
  id: string
  key: string
  /** `lost`: its owner is gone, and it will not end any more. */
  status: 'running' | 'finished' | 'failed' | 'lost'
  generation: number
  epoch: number
  worker: string
  startedAt: Date
  endedAt: Date | null
  tokens: TokenCount
  costUsd: number
  error: string | null
  /** How often the stored output was returned instead of running the step again. */
  served: number
  eventSeq: number
}

export interface ReviewPage {
  reviews: ReviewRow[]
  /** For the next page; `null` on the last one. */
  cursor: string | null
}

export interface ReviewDetail {
  review: ReviewRow
  /** In the order of publication; those held back at the end. */
  findings: FindingRow[]
  /** In the order of their start. */
  spans: SpanRow[]
}

/** From a file's path to its hunks, without file headers. */
export type Patches = ReadonlyMap<string, string>

/** What changed since: the row as it is now, and the spans written after. */
export interface ReviewEvents {
  review: ReviewRow
  /** In the order of their last change. */
  spans: SpanRow[]
}

export interface ReviewFilter {
  status?: Status
  /** `owner/name`, in any case. */
  repo?: string
  cursor?: ReviewId
  limit: number
}

export interface WorkerRow {
  name: string
  slots: number
  startedAt: Date
  loopTurnedAt: Date
}

export interface QueueCounts {
  /** Queued or retrying, and due. */
  waiting: number
  /** Queued or retrying, and not due yet. */
  dueLater: number
  running: number
  failed: number
  workers: WorkerRow[]
}
