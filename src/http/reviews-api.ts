// What the API and the pages ask for, as a port. The entries join it from the store and the queue.
import type { Among } from '../jobs/requests.ts'
import type { Depth } from '../queue/queue.ts'
import type { ReviewId } from '../review/ids.ts'
import type { PullRequestRef } from '../review/pull-request.ts'
import type { Patches, QueueCounts, ReviewDetail, ReviewEvents, ReviewFilter, ReviewPage } from '../store/review-row.ts'

export type PullRequestAddress = Pick<PullRequestRef, 'owner' | 'repo' | 'number'>

/** `refused` carries a sentence for people. */
export type Requested = { kind: 'queued'; id: ReviewId } | { kind: 'refused'; reason: string }
export type Changed = { kind: 'done' } | { kind: 'unknown' } | { kind: 'refused'; reason: string }

export interface QueueState extends QueueCounts {
  /** `null` when the queue cannot be reached. */
  stream: Depth | null
}

export interface ReviewsApi {
  list(filter: ReviewFilter): Promise<ReviewPage>
  read(id: ReviewId): Promise<ReviewDetail | undefined>
  /** GitHub's patches of these files, as the review read them. */
  patches(id: ReviewId, paths: readonly string[]): Promise<Patches>
  /** The review as it is, and the spans that changed after `eventSeq`. */
  changesSince(id: ReviewId, eventSeq: number): Promise<ReviewEvents | undefined>
  request(address: PullRequestAddress): Promise<Requested>
  retry(id: ReviewId, among: Among): Promise<Changed>
  cancel(id: ReviewId): Promise<Changed>
  queue(): Promise<QueueState>
}
