// Puts on the stream what ought to be there: due rows, rows that the stream has lost, and rows of dead workers.
// Safe to run twice and by every process at once: enqueueing what is on the stream already changes nothing.
//
// What must always hold: only a few entries wait on the stream, because their order cannot be changed any more. The backlog
// waits as rows, where a person's command and an installation that has little running can still go ahead.
//
// The race we accept: two processes that promote at the same moment may both use the same room.
import type { QueueConnection } from '../queue/queue.ts'
import type { ReviewId } from '../review/ids.ts'

export interface PromoteDeps {
  /** How many reviews all live workers can run at once. */
  liveSlots(): Promise<number>
  /** In the order in which they should go. */
  dueReviews(admission: { limit: number; slots: number }): Promise<ReviewId[]>
  queue: Pick<QueueConnection, 'enqueue' | 'depth'>
}

/** Where no worker is alive: two for each slot of one that is about to start with its default of four. */
const waitingForNobody = 8

/** Answers how many jobs were added. */
export async function promote({ dueReviews, liveSlots, queue }: PromoteDeps): Promise<number> {
  const slots = await liveSlots()
  const mostWaiting = slots > 0 ? 2 * slots : waitingForNobody
  const room = mostWaiting - (await queue.depth()).waiting
  if (room <= 0) return 0

  let added = 0
  // As many may be on the stream already.
  for (const id of await dueReviews({ limit: 2 * mostWaiting, slots })) {
    if ((await queue.enqueue(id)) === 'added') added++
    if (added >= room) break
  }
  return added
}
