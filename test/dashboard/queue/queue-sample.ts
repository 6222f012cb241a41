// Queues to look at.
import { reviewId } from '../../../src/review/ids.ts'
import type { QueuedReview, QueueLook, SweepRow, UnreviewedPull } from '../../../src/store/watch/queue-look.ts'

/** Milliseconds since 1970. */
export const now = Date.parse('2026-01-05T10:05:00Z')

const at = (secondsAgo: number): Date => new Date(now - secondsAgo * 1000)

export function queued(values: Partial<QueuedReview> = {}): QueuedReview {
  return {
    place: 'waiting',
    total: 1,
    id: reviewId('1'),
    owner: 'octo-org',
    repo: 'hello-world',
    number: 7,
    title: 'Add a greeting',
    reason: null,
    error: null,
    attempts: 0,
    epoch: 1,
    worker: null,
    waitingSince: at(300),
    notBefore: null,
    startedAt: at(300),
    beatAt: at(4),
    leaseUntil: at(-26),
    finishedAt: at(60),
    ...values,
  }
}

export function swept(values: Partial<SweepRow> = {}): SweepRow {
  const name = 'leftover drafts'
  const turn = { ranAt: at(45), tookMs: 320, did: {}, error: null, mark: null }
  return { name, holder: 'web-1-4711-ab12cd34', ...turn, ...values }
}

export function unreviewed(values: Partial<UnreviewedPull> = {}): UnreviewedPull {
  const place = { owner: 'octo-org', repo: 'hello-world', number: 3 }
  return { total: 2, ...place, title: 'Add a farewell', author: 'octocat', updatedAt: at(864_000), ...values }
}

export function looked(reviews: QueuedReview[]): QueueLook {
  return { reviews, workers: [], sweeps: [], unreviewed: [] }
}

/** Something at every place. */
export const fullQueue: QueueLook = {
  reviews: [
    queued({ place: 'running', total: 2, id: reviewId('5'), worker: 'web-1-4711-ab12cd34', epoch: 2 }),
    queued({
      place: 'running',
      total: 2,
      id: reviewId('6'),
      title: 'Count items that are bought more than once, and add discounts to the cart',
      worker: 'worker-2-88-ff00aa11',
      epoch: 4,
      beatAt: at(41),
      leaseUntil: at(11),
    }),
    queued({ total: 64, id: reviewId('7') }),
    queued({ total: 64, id: reviewId('8'), attempts: 1, error: 'asking the model: 503 after 3 tries' }),
    queued({
      place: 'later',
      id: reviewId('9'),
      notBefore: at(-95),
      reason: 'GitHub asked to wait before the review is posted',
    }),
    queued({ place: 'failed', total: 2, id: reviewId('3'), error: 'read the change: GitHub answered 502' }),
    queued({
      place: 'failed',
      total: 2,
      id: reviewId('4'),
      title: 'Rename the cart',
      error: 'Two workers died over it.',
    }),
  ],
  workers: [
    { name: 'web-1-4711-ab12cd34', slots: 4, startedAt: at(7300), loopTurnedAt: at(3) },
    { name: 'worker-2-88-ff00aa11', slots: 4, startedAt: at(400), loopTurnedAt: at(41) },
  ],
  sweeps: [
    swept({ name: 'failed deliveries', did: { redelivered: 3, waiting: 0 }, mark: at(900) }),
    swept({ name: 'forget', ranAt: null, tookMs: null }),
    swept({
      name: 'open pull requests',
      holder: 'worker-2-88-ff00aa11',
      did: { repositories: 12, recorded: 1, listed: 2 },
      error: 'listing the pull requests of octo-org/hello-world: GitHub answered 502 (no message)',
    }),
  ],
  unreviewed: [unreviewed({ number: 3 }), unreviewed({ number: 2, title: 'Move the whole shop to another currency' })],
}
