// The button "Replay a sample pull request": opens the sample once more, and delivers that like GitHub would.
import type { ReviewId } from '../review/ids.ts'
import type { SampleDelivery } from './sample.ts'

export interface ReplayDeps {
  delivery(number: number): SampleDelivery
  /** Signs it and posts it to this server's own webhook route. Answers the HTTP status. */
  deliver(delivery: SampleDelivery): Promise<number>
  /** The newest review of the sample repository. */
  newest(): Promise<{ id: ReviewId; number: number } | undefined>
}

/** Answers the review that the delivery has started. Throws when the webhook route did not take it. */
export async function replaySample({ deliver, delivery, newest }: ReplayDeps): Promise<ReviewId> {
  const number = ((await newest())?.number ?? 0) + 1
  const status = await deliver(delivery(number))
  if (status !== 202) throw new Error(`the webhook route answered the sample delivery with ${status}`)
  const review = await newest()
  // Two presses at the same moment choose the same number; the second delivery adds nothing, and both see one review.
  if (!review) throw new Error('the sample delivery was taken, but there is no review of it')
  return review.id
}
