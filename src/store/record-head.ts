// A head to review becomes a row, and older work on its pull request ends.
//
// What must always hold: one live row for a (repository, number, head, base, kind); a published one is not done again. A review
// that was only shown (installation 0) counts where it would again be only shown: the App, once installed, posts its own.
// Everything here runs in a transaction that has locked the pull request's row first, so two of them cannot cross. The
// unique index is only the fuse behind that.
import type { Trigger } from '../jobs/hook.ts'
import type { ReviewId } from '../review/ids.ts'
import type { PullRequestRef } from '../review/pull-request.ts'
import type { Queryable } from './database.ts'
import { live, ms, noteChange } from './fragments.ts'

export interface Head {
  ref: PullRequestRef
  title: string
  author: string
  trigger: Trigger
  /** `pull_request.updated_at`, ISO 8601; `null` when the head was read rather than told. */
  updatedAt: string | null
  /** Due so long after this push, at most ten times as long after the first of the pushes that nobody began. At once without it. */
  gatherMs?: number
}

/** `known`: a live or published review has this head already. */
export interface RecordedHead {
  kind: 'recorded' | 'known'
  reviewId: ReviewId
}

/** Locks the row of a pull request through one of its reviews. */
export async function lockPullRequestOf(tx: Queryable, id: ReviewId): Promise<void> {
  await tx.query(
    `select 1 from pull_requests p
     join reviews r on r.repository_id = p.repository_id and r.number = p.number
     where r.id = $1 for update of p`,
    [id],
  )
}

/**
 * Adds the pull request or raises its `seq`, and locks its row. False, and nothing changed, when GitHub's time of the
 * head is older than what is known. The row is locked in either case.
 */
export async function touchPullRequest(tx: Queryable, head: Head): Promise<boolean> {
  const { ref } = head
  const rows = await tx.query(
    `insert into pull_requests as known (repository_id, number, installation_id, owner, repo, pr_updated_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (repository_id, number) do update set
       seq = known.seq + 1, installation_id = excluded.installation_id, owner = excluded.owner, repo = excluded.repo,
       pr_updated_at = coalesce(excluded.pr_updated_at, known.pr_updated_at)
     where (excluded.pr_updated_at < known.pr_updated_at) is not true
     returning seq`,
    [ref.repositoryId, ref.number, ref.installationId, ref.owner, ref.repo, head.updatedAt],
  )
  return rows.length > 0
}

/**
 * Needs the pull request's row locked. Supersedes its other live rows of this kind when the head is new: their epoch goes up, so
 * whoever runs one of them can write nothing any more, and learns it with the next beat. One statement, because a delivery
 * waits for it; the insert reads `ended`, so it comes after the update. A pull request has waited since its first push that nobody began.
 */
export async function recordHead(tx: Queryable, head: Head): Promise<RecordedHead> {
  const { ref } = head
  const [row] = await tx.query<RecordedHead & { former: boolean }>(
    `with same as (
       select id from reviews
       where repository_id = $1 and number = $2 and kind = $3 and head_sha = $4 and base_ref = $5
         and (status in ${live} or status = 'published') and (installation_id <> 0 or $6::bigint = 0)
       order by id desc limit 1),
     ended as (
       update reviews set status = 'superseded', epoch = epoch + 1, finished_at = now(), not_before = null, error = null,
         reason = case when head_sha = $4 then 'The base branch was changed.' else 'A newer commit was pushed.' end,
         ${noteChange}
       where repository_id = $1 and number = $2 and kind = $3 and status in ${live} and not exists (select from same)
       returning case when started_at is null then waiting_since end as since),
     added as (
       insert into reviews (repository_id, number, kind, head_sha, base_ref, installation_id, owner, repo, title, author,
         trigger, pr_updated_at, waiting_since, check_due, not_before)
       select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, since, $6::bigint <> 0,
         case when $13 > 0 then least(now() + ${ms('$13')}, since + 10 * ${ms('$13')}) end
       from (select coalesce(min(since), now()) as since from ended) as first
       where not exists (select from same) returning id)
     select 'known' as kind, id::text as "reviewId", false as former from same
     union all select 'recorded', id::text, exists (select from reviews
       where repository_id = $1 and number = $2 and kind = $3 and head_sha = $4 and base_ref = $5 and status = 'superseded')
     from added`,
    [
      ...[ref.repositoryId, ref.number, ref.kind, ref.headSha, ref.baseRef, ref.installationId, ref.owner, ref.repo],
      ...[head.title, head.author, head.trigger, head.updatedAt, head.gatherMs ?? 0],
    ],
  )
  if (!row) throw new Error('an insert into reviews returned no row')
  const { former, ...recorded } = row
  if (former) await takeOverSteps(tx, ref, recorded.reviewId)
  return recorded
}

/**
 * GitHub's times are whole seconds, so a hook of the same second may supersede the real head, whose steps are paid. They go over
 * to the row that has this head now; what they cost stays in the account of the row that paid it.
 */
async function takeOverSteps(tx: Queryable, ref: PullRequestRef, id: ReviewId): Promise<void> {
  await tx.query(
    `update spans set review_id = $6, event_seq = 1 from reviews former
     where former.id = spans.review_id and repository_id = $1 and number = $2 and kind = $3 and head_sha = $4
       and base_ref = $5 and former.status = 'superseded' and spans.status = 'finished'`,
    [ref.repositoryId, ref.number, ref.kind, ref.headSha, ref.baseRef, id],
  )
}
