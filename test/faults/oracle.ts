// What became of the pull requests, as GitHub's stand-in, Postgres and Redis know it. The app's own log is not asked.
import type { Plumbline } from '../support/plumbline.ts'
import type { PullRequest } from '../support/github/world/pull-request.ts'

export interface Tally {
  /** Pull requests without a submitted review of their last head. */
  lost: number
  /** Submitted reviews beyond the first for a head. */
  doubled: number
  /** Submitted reviews of a head that is not the last one. */
  stale: number
  /** Pending reviews that were left behind. Nobody but the App sees them. */
  drafts: number
  /** Rows that have not ended. */
  live: number
  /** Entries of the stream that nobody acknowledged. */
  unacknowledged: number
  /** Requests and replies that were not as GitHub describes them. */
  violations: number
}

export const clean: Tally = {
  lost: 0,
  doubled: 0,
  stale: 0,
  drafts: 0,
  live: 0,
  unacknowledged: 0,
  violations: 0,
}

export async function judge(plumbline: Plumbline, pulls: readonly PullRequest[]): Promise<Tally> {
  const { github } = plumbline
  const reviews = pulls.map((pull) => ({ pull, shas: github.reviewsOf(pull).map((review) => review.commitSha) }))
  const sum = (count: (one: (typeof reviews)[number]) => number): number =>
    reviews.reduce((total, one) => total + count(one), 0)
  const { length, pending } = await plumbline.queueDepth()
  return {
    lost: sum(({ pull, shas }) => (shas.includes(pull.headSha) ? 0 : 1)),
    doubled: sum(({ shas }) => shas.length - new Set(shas).size),
    stale: sum(({ pull, shas }) => shas.filter((sha) => sha !== pull.headSha).length),
    drafts: sum(({ pull }) => github.draftsOf(pull).length),
    live: await liveRows(plumbline),
    unacknowledged: Math.max(length, pending),
    violations: github.violations.length,
  }
}

const ended = ['published', 'skipped', 'superseded', 'cancelled', 'failed']

async function liveRows(plumbline: Plumbline): Promise<number> {
  const counts = Object.entries(await plumbline.countByStatus())
  return counts.filter(([status]) => !ended.includes(status)).reduce((sum, [, count]) => sum + count, 0)
}

/** No row lives, the stream is empty, and every pull request was heard of: nothing will happen any more. */
export async function isAtRest(plumbline: Plumbline, pulls: readonly PullRequest[]): Promise<boolean> {
  const [known] = await plumbline.query<{ count: number }>(
    'select count(distinct (repository_id, number))::int as count from reviews',
  )
  if (known?.count !== pulls.length || (await liveRows(plumbline)) > 0) return false
  const { length, pending } = await plumbline.queueDepth()
  return length === 0 && pending === 0
}

/** Claims beyond the first of each review: how often the faults really hit. */
export async function furtherClaims(plumbline: Plumbline): Promise<number> {
  const [row] = await plumbline.query<{ count: number }>(
    `select coalesce(sum(epoch - 1), 0)::int as count from reviews where status = 'published'`,
  )
  return row?.count ?? 0
}
