// One review as server-sent events: the state, then each step, then whatever changes.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
//
// What must always hold: who listens long enough has seen the last state and every step's last state, whatever was lost on
// the way. A heard event is only a hint to read the record again, and the record is read again at each heartbeat anyway.
// Subscribing comes before the first read, so nothing falls between the two.
//
// The ids are the review's own counter, on steps only. A state has none: it is sent anew on each connection, and its id would
// let a browser that lost the connection right after it skip the steps before it.
import type { SSEStreamingApi } from 'hono/streaming'
import type { Events } from '../queue/events.ts'
import type { ReviewId } from '../review/ids.ts'
import type { ReviewsApi } from './reviews-api.ts'

export interface ReviewEventsOptions {
  reviews: Pick<ReviewsApi, 'changesSince'>
  /** The topic of a review is its id. */
  events: Pick<Events, 'subscribe'>
  heartbeatMs: number
}

/** Ends when the listener has gone, or when the review has. `after` is the id of the last step that the listener has. */
export async function sendReviewEvents(
  stream: SSEStreamingApi,
  { after, id }: { id: ReviewId; after: number },
  options: ReviewEventsOptions,
): Promise<void> {
  let wake = Promise.withResolvers<void>()
  const unsubscribe = await options.events.subscribe(id, () => wake.resolve())
  stream.onAbort(() => wake.resolve())
  let [lastStep, lastState] = [after, -1]
  try {
    while (!stream.aborted) {
      wake = Promise.withResolvers<void>()
      const changes = await options.reviews.changesSince(id, lastStep)
      if (!changes) return
      if (changes.review.eventSeq > lastState) {
        await stream.writeSSE({ event: 'review', data: JSON.stringify(changes.review) })
        lastState = changes.review.eventSeq
      }
      for (const step of changes.spans) {
        await stream.writeSSE({ event: 'step', id: String(step.eventSeq), data: JSON.stringify(step) })
        lastStep = step.eventSeq
      }
      const timer = setTimeout(wake.resolve, options.heartbeatMs)
      await wake.promise
      clearTimeout(timer)
      // A comment: keeps proxies from closing an idle connection, and finds out that the listener has gone.
      await stream.write(':\n\n')
    }
  } finally {
    await unsubscribe()
  }
}
