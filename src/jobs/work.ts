// Joins the queue to the reviews: what a claim, a run and a hand-back mean for the row.
import type { Claim, Ending, Held, Work } from '../queue/work.ts'
import { ClosedDoorError, describe, LostLeaseError, ParkedError, PermanentError, UserError } from '../review/errors.ts'
import { type ReviewId, reviewId } from '../review/ids.ts'
import type { Outcome } from '../review/outcome.ts'
import { pullRequestName } from '../review/pull-request.ts'
import type { ClaimStore, ClaimedReview, EndingStore, Log } from './ports.ts'

export interface ReviewWorkDeps {
  claims: ClaimStore
  endings: EndingStore
  /** The story, with everything it needs for this review. */
  runReview(review: ClaimedReview, signal: AbortSignal): Promise<Outcome>
  worker: string
  /** A hint for whoever watches the review: its row has changed. Must not throw. */
  changed(id: ReviewId): void
  maxAttempts: number
  leaseMs: number
  log: Log
}

/** One death is often the machine's. After two, the next one shall at least take no other review along. */
const crashesBeforeAlone = 2

export function createReviewWork(deps: ReviewWorkDeps): Work {
  const claimed = new Map<string, ClaimedReview>()
  const take = (held: Held): ClaimedReview => {
    const review = claimed.get(keyOf(held))
    if (!review) throw new Error(`job ${held.jobId} was not claimed under epoch ${held.epoch}`)
    claimed.delete(keyOf(held))
    return review
  }
  return {
    async claim(jobId) {
      const claim = await deps.claims.claim(reviewId(jobId), deps.worker)
      if (claim.kind !== 'claimed') return claim
      const held = { jobId, epoch: claim.review.owner.epoch }
      claimed.set(keyOf(held), claim.review)
      deps.changed(claim.review.owner.reviewId)
      const alone = claim.crashes >= crashesBeforeAlone
      return { kind: 'claimed', epoch: held.epoch, alone } satisfies Claim
    },
    async run(held, signal) {
      try {
        return await runClaimed(take(held), deps, signal)
      } finally {
        deps.changed(reviewId(held.jobId))
      }
    },
    async release(held) {
      claimed.delete(keyOf(held))
      await deps.claims.release({ reviewId: reviewId(held.jobId), epoch: held.epoch, worker: deps.worker })
    },
    async beat(held) {
      const owners = held.map((one) => ({ reviewId: reviewId(one.jobId), epoch: one.epoch, worker: deps.worker }))
      return deps.claims.beat(owners)
    },
    reject: (entryId, raw) => deps.claims.reject(entryId, raw),
  }
}

const keyOf = (held: Held): string => `${held.jobId}@${held.epoch}`

/** Runs the story and writes its ending. Throws only when the ending cannot be written: the entry then stays pending. */
async function runClaimed(review: ClaimedReview, deps: ReviewWorkDeps, signal: AbortSignal): Promise<Ending> {
  const fields = { review: review.owner.reviewId, epoch: review.owner.epoch, pullRequest: pullRequestName(review.ref) }
  try {
    const outcome = await deps.runReview(review, signal)
    await deps.endings.finish(review.owner, outcome)
    deps.log.info({ ...fields, outcome: outcome.kind }, 'review ended')
    return { kind: 'ended' }
  } catch (error) {
    if (signal.aborted || error instanceof LostLeaseError) {
      deps.log.info({ ...fields }, 'review let go: the lease is over')
      return { kind: 'lost' }
    }
    deps.log.warn({ ...fields, err: error }, 'review interrupted')
    return endAfter(error, review, deps)
  }
}

/** What a failure means for the row. */
async function endAfter(error: unknown, review: ClaimedReview, deps: ReviewWorkDeps): Promise<Ending> {
  const { owner } = review
  const { endings, maxAttempts } = deps
  try {
    if (error instanceof ParkedError) {
      await endings.park(owner, error.message, error.delayMs)
      return { kind: 'later', delayMs: error.delayMs }
    }
    if (error instanceof ClosedDoorError) {
      await endings.finish(owner, { kind: 'cancelled', reason: error.message })
      return { kind: 'ended' }
    }
    const permanent = error instanceof UserError || error instanceof PermanentError
    const delayMs = retryDelayMs(review.attempts, deps.leaseMs)
    const went = await endings.fail(owner, { message: describe(error), delayMs, maxAttempts, permanent })
    return went.kind === 'failed' ? { kind: 'ended' } : { kind: 'later', delayMs }
  } catch (lost) {
    if (lost instanceof LostLeaseError) return { kind: 'lost' }
    throw lost
  }
}

/**
 * Pauses between recorded errors: a third of a lease, then four times as long each time, at most 10 min. With the usual
 * lease that is 10 s, 40 s, 160 s: long enough for a model server to restart, short enough that somebody still waits.
 */
function retryDelayMs(attempts: number, leaseMs: number): number {
  return Math.min((leaseMs / 3) * 4 ** attempts, 600_000)
}
