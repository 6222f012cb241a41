// What became of the pull requests, as GitHub's stand-in, the model's stand-in, Postgres and Redis know it. The app's own log is
// not asked.
import type { Plumbline } from '../../support/plumbline.ts'
import type { GitHubStandIn } from '../../support/github/github.ts'
import type { PullRequest } from '../../support/github/world/pull-request.ts'
import type { ModelRequest } from '../../support/model/model.ts'

/** What anybody can see from outside. */
export interface Seen {
  /** Pull requests without a submitted review of their last head. */
  lost: number
  /** Submitted reviews beyond the first for a head. */
  doubled: number
  /** Submitted reviews of a head that is not the last one. */
  stale: number
  /** Pending reviews that were left behind. Nobody but the App sees them. */
  drafts: number
  /** Last heads without a completed check run, and check runs of any head that are not completed. */
  unshown: number
  /** Requests and replies that were not as GitHub describes them. */
  violations: number
}

export interface Tally extends Seen {
  /** Requests to the model that were made again although the journal had the finished step. */
  paidTwice: number
  /** Rows that have not ended. */
  live: number
  /** Entries of the stream that nobody acknowledged. */
  unacknowledged: number
}

export const clean: Tally = {
  lost: 0,
  doubled: 0,
  stale: 0,
  drafts: 0,
  unshown: 0,
  violations: 0,
  paidTwice: 0,
  live: 0,
  unacknowledged: 0,
}

export async function judge(plumbline: Plumbline, pulls: readonly PullRequest[]): Promise<Tally> {
  const { length, pending } = await plumbline.queueDepth()
  return {
    ...look(plumbline.github, pulls),
    paidTwice: await countPaidTwice(plumbline, pulls),
    live: await liveRows(plumbline),
    unacknowledged: Math.max(length, pending),
  }
}

export function look(github: GitHubStandIn, pulls: readonly PullRequest[]): Seen {
  const reviews = pulls.map((pull) => ({ pull, shas: github.reviewsOf(pull).map((review) => review.commitSha) }))
  const sum = (count: (one: (typeof reviews)[number]) => number): number =>
    reviews.reduce((total, one) => total + count(one), 0)
  return {
    lost: sum(({ pull, shas }) => (shas.includes(pull.headSha) ? 0 : 1)),
    doubled: sum(({ shas }) => shas.length - new Set(shas).size),
    stale: sum(({ pull, shas }) => shas.filter((sha) => sha !== pull.headSha).length),
    drafts: sum(({ pull }) => github.draftsOf(pull).length),
    unshown: sum(({ pull }) => unshownOf(github, pull)),
    violations: github.violations.length,
  }
}

function unshownOf(github: GitHubStandIn, pull: PullRequest): number {
  const isOpen = (sha: string): boolean => github.checkRunsOf(sha).some((run) => run.status !== 'completed')
  const missing = github.checkRunsOf(pull.headSha).length === 0 ? 1 : 0
  return missing + pull.heads.filter(isOpen).length
}

const ended = ['published', 'skipped', 'superseded', 'cancelled', 'failed']

async function liveRows(plumbline: Plumbline): Promise<number> {
  const counts = Object.entries(await plumbline.countByStatus())
  return counts.filter(([status]) => !ended.includes(status)).reduce((sum, [, count]) => sum + count, 0)
}

/** No row lives, the stream is empty, and every pull request was heard of: nothing will happen any more. */
export async function isAtRest(plumbline: Plumbline, pulls: readonly PullRequest[]): Promise<boolean> {
  if ((await countKnown(plumbline)) < pulls.length || (await liveRows(plumbline)) > 0) return false
  const { length, pending } = await plumbline.queueDepth()
  return length === 0 && pending === 0
}

/** Whether each last head was heard of. */
export async function knowsAllHeads(plumbline: Plumbline, pulls: readonly PullRequest[]): Promise<boolean> {
  const rows = await plumbline.query<{ sha: string }>('select head_sha as sha from reviews')
  const known = new Set(rows.map((row) => row.sha))
  return pulls.every((pull) => known.has(pull.headSha))
}

/** Pull requests that a delivery told of. */
export async function countKnown(plumbline: Plumbline): Promise<number> {
  const [known] = await plumbline.query<{ count: number }>(
    'select count(distinct (repository_id, number))::int as count from reviews',
  )
  return known?.count ?? 0
}

/** Claims beyond the first of each review: how often the faults really hit. */
export async function furtherClaims(plumbline: Plumbline): Promise<number> {
  const [row] = await plumbline.query<{ count: number }>(
    `select coalesce(sum(epoch - 1), 0)::int as count from reviews where status = 'published'`,
  )
  return row?.count ?? 0
}

/** The line by which a prompt is known to be about this pull request. */
export function lineOf(index: number): string {
  return `export const rate = ${1000 + index}`
}

/**
 * The same prompt may be sent once more for each step of that pull request that was begun and not finished: its answer was
 * never stored. What goes beyond was paid although it was there.
 */
async function countPaidTwice(plumbline: Plumbline, pulls: readonly PullRequest[]): Promise<number> {
  const rows = await plumbline.query<{ key: string; count: number }>(
    `select repository_id || '#' || number as key, count(*)::int as count
     from spans join reviews on reviews.id = spans.review_id
     where spans.key like 'model:%' and spans.status <> 'finished' group by 1`,
  )
  const unfinished = new Map(rows.map(({ count, key }) => [key, count]))
  const prompts = plumbline.model.requests.map(promptOf)
  return pulls.reduce((sum, pull, index) => {
    const own = prompts.filter((prompt) => prompt.includes(lineOf(index)))
    const again = own.length - new Set(own).size - (unfinished.get(`${pull.repository.id}#${pull.number}`) ?? 0)
    return sum + Math.max(0, again)
  }, 0)
}

function promptOf(request: ModelRequest): string {
  return request.messages.map((one) => one.content).join('\n')
}
