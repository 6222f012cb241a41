// Puts on the stream what ought to be there: due rows, rows that the stream has lost, and rows of dead workers.
// Safe to run twice and by every worker at once: enqueueing what is on the stream already changes nothing.
import type { Queue } from '../queue/queue.ts'
import type { ReviewId } from '../review/ids.ts'

export interface PromoteDeps {
  /** Oldest first, at most `limit`. */
  dueReviews(limit: number): Promise<ReviewId[]>
  queue: Pick<Queue, 'enqueue'>
}

/** So many rows may wait on the stream at once; the rest of the backlog waits as rows and moves up as these end. */
const maxOnStream = 200

/** Answers how many jobs were added. */
export async function promote(deps: PromoteDeps): Promise<number> {
  let added = 0
  for (const id of await deps.dueReviews(maxOnStream)) {
    if ((await deps.queue.enqueue(id)) === 'added') added++
  }
  return added
}
