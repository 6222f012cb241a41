// The ports of the check run outbox. Types only.
import type { ReviewId } from '../../review/ids.ts'
import type { Coverage, FileLeftOut, Status } from '../../review/outcome.ts'
import type { PullRequestRef } from '../../review/pull-request.ts'
import type { WriteResult } from '../ports.ts'

/** A row whose check run is not known to be as it should. */
export interface DueCheckRun {
  reviewId: ReviewId
  ref: PullRequestRef
  /** Goes up with each change of the row; `shown` with an older one leaves the row due. */
  version: number
  status: Status
  reason: string | undefined
  coverage: Coverage | undefined
  /** Published inline and in the body. */
  findings: number
  filesRead: number
  leftOut: FileLeftOut[]
  summary: string
  /** It ended without a word, and a newer review is about the same commit. */
  overtaken: boolean
}

export interface CheckRunStore {
  /** Leases rows whose check run is due: nobody else is given them for two leases of a review. */
  takeDue(limit: number): Promise<DueCheckRun[]>
  shown(id: ReviewId, version: number): Promise<void>
  postponed(id: ReviewId, delayMs: number, error: string): Promise<void>
  /** No permission, or no repository any more: not tried again until the row changes, or its repository is seen again. */
  gaveUp(id: ReviewId, version: number, reason: string): Promise<void>
}

/** A check run as it should be. */
export interface CheckRunView {
  reviewId: ReviewId
  ref: PullRequestRef
  state: 'queued' | 'in_progress' | 'completed'
  conclusion?: 'success' | 'failure' | 'neutral' | 'skipped' | 'cancelled'
  title: string
  summary: string
  /** Where the review's page is; missing when `PUBLIC_URL` is not set. */
  detailsUrl?: string
  /** What is not there is not created: it would be the newest of its commit. */
  overtaken: boolean
}

export interface CheckRunBoard {
  /** Creates the check run unless it is overtaken, or brings every one of ours with this external id to the wanted state. */
  show(view: CheckRunView, signal: AbortSignal): Promise<WriteResult<undefined>>
}
