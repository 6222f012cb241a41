// A review that was superseded, cancelled or failed between create and submit leaves a draft. Nobody sees it, but GitHub keeps
// one pending review per user and pull request, so it would be in the way of whatever comes next.
//
// What must always hold: no draft of a pull request with a live review is touched: that review adopts or deletes it itself. One
// that begins at this very moment finds its draft gone, and creates it again (`publish.ts`).
import { ClosedDoorError } from '../../review/errors.ts'
import type { ReviewId } from '../../review/ids.ts'
import type { PullRequestRef } from '../../review/pull-request.ts'
import type { ReviewBoard } from '../ports.ts'
import { eachByItself } from './sweep.ts'
import type { Did } from './sweep-store.ts'

export interface LeftoverDraftStore {
  /**
   * Reviews that ended so long ago after they had begun to post, on pull requests without a live review. The installations in
   * turn: one that has to wait leaves room for the others.
   */
  endedWhilePosting(quietMs: number, limit: number): Promise<{ reviewId: ReviewId; ref: PullRequestRef }[]>
  swept(id: ReviewId): Promise<void>
}

export interface LeftoverDraftsDeps {
  store: LeftoverDraftStore
  board: Pick<ReviewBoard, 'listOurs' | 'deleteDraft'>
}

/** A worker that was paused may still create its draft when it wakes up: long enough for most of them. */
const quietMs = 600_000
const maxAtOnce = 20

/** One turn. What GitHub did not let us do now is tried again at the next one, and keeps no other review waiting. */
export async function deleteLeftoverDrafts({ board, store }: LeftoverDraftsDeps, signal: AbortSignal): Promise<Did> {
  const did = { reviews: 0, deleted: 0 }
  await eachByItself(await store.endedWhilePosting(quietMs, maxAtOnce), signal, async ({ ref, reviewId }) => {
    const ours = await board.listOurs(ref, signal).catch(noneWhereClosed)
    let isClean = true
    for (const draft of ours.filter((one) => one.state === 'pending')) {
      const went = await board.deleteDraft(ref, draft.id, signal)
      if (went.kind === 'done') did.deleted++
      else isClean &&= went.kind === 'refused' && went.refusal.kind !== 'limited'
    }
    if (!isClean) return
    await store.swept(reviewId)
    did.reviews++
  })
  return did
}

/** Where the App has no access any more, there is nothing left for it to do. */
function noneWhereClosed(error: unknown): never[] {
  if (error instanceof ClosedDoorError) return []
  throw error
}
