// What a person may ask of a review: a new one, another try, an end.
import type { Among } from '../jobs/requests.ts'
import type { ReviewId } from '../review/ids.ts'
import type { Database, Queryable } from './database.ts'
import { live, noteChange } from './fragments.ts'
import { type Head, lockPullRequestOf, type RecordedHead, recordHead, touchPullRequest } from './record-head.ts'

export interface Requests {
  /** A review of a head that was just read from GitHub. `known` names the live or published one that has it already. */
  recordRequest(head: Head): Promise<RecordedHead>
  /** False when there is nothing to retry: not ended, published, superseded, or another one has the same head. */
  retry(id: ReviewId, among?: Among): Promise<boolean>
  /** False when the review has ended already. `reason` is one sentence for people. */
  cancel(id: ReviewId, reason: string): Promise<boolean>
}

export function createRequests(db: Database): Requests {
  return {
    recordRequest: (head) =>
      db.transaction(async (tx) => {
        await touchPullRequest(tx, head)
        return recordHead(tx, head)
      }),
    retry: (id, among) => db.transaction((tx) => retryReview(tx, id, among)),
    async cancel(id, reason) {
      const cancelled = await db.query(
        `update reviews set status = 'cancelled', epoch = epoch + 1, finished_at = now(), not_before = null,
           reason = $2, error = null, ${noteChange}
         where id = $1 and status in ${live} returning id`,
        [id, reason],
      )
      return cancelled.length > 0
    },
  }
}

/**
 * A fresh generation: attempts, crashes and the frozen payload are forgotten, finished steps are not. The last publish
 * intent stays: its write may still show up in GitHub's lists.
 */
export async function retryReview(tx: Queryable, id: ReviewId, among: Among = 'alone'): Promise<boolean> {
  await lockPullRequestOf(tx, id)
  const retried = await tx.query(
    `update reviews r set status = 'queued', epoch = epoch + 1, generation = generation + 1, attempts = 0, crashes = 0,
       frozen = null, reason = null, error = null, not_before = null, waiting_since = now(), started_at = null, finished_at = null,
       has_code = true, paused = false, in_bulk = $2, ${noteChange}
     where id = $1 and status in ('failed', 'cancelled', 'skipped') and not exists (
       select 1 from reviews other
       where other.repository_id = r.repository_id and other.number = r.number and other.kind = r.kind
         and other.head_sha = r.head_sha and other.base_ref = r.base_ref and other.id <> r.id
         and (other.status in ${live} or other.status = 'published'))
     returning id`,
    [id, among === 'many'],
  )
  return retried.length > 0
}
