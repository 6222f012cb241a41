// How an owner's run of a review ends on its row. Every statement is fenced by the epoch.
import type { Trigger } from '../jobs/hook.ts'
import type { Effort, EndingStore, Owner, ReviewRecord, TokenCount } from '../jobs/ports.ts'
import { isPublished, type PlacedFinding } from '../review/finding.ts'
import type { Outcome } from '../review/outcome.ts'
import type { PullRequestRef } from '../review/pull-request.ts'
import { wording } from '../review/wording.ts'
import type { Database, Queryable } from './database.ts'
import { fenceOf, ms, noteChange, ownRow, refObject, stillMine } from './fragments.ts'
import { lockPullRequestOf, recordHead } from './record-head.ts'

export function createEndings(db: Database): EndingStore {
  return {
    recordExamination: (owner, record) => db.transaction((tx) => recordExamination(tx, owner, record)),
    finish: (owner, outcome) => db.transaction((tx) => finish(tx, owner, outcome)),
    async fail(owner, failure) {
      const rows = await db.query<{ kind: 'retrying' | 'failed' }>(
        `update reviews set attempts = attempts + 1, error = $3, beat_at = null, ${noteChange},
           status = case when $4 or attempts + 1 >= $5 then 'failed' else 'retrying' end,
           not_before = case when $4 or attempts + 1 >= $5 then null else now() + ${ms('$6')} end,
           finished_at = case when $4 or attempts + 1 >= $5 then now() end
         where ${stillMine} returning status as kind`,
        [...fenceOf(owner), failure.message, failure.permanent, failure.maxAttempts, failure.delayMs],
      )
      return { kind: ownRow(rows, owner).kind }
    },
    async park(owner, reason, delayMs) {
      const rows = await db.query(
        `update reviews set status = 'queued', reason = $3, not_before = now() + ${ms('$4')}, beat_at = null, ${noteChange}
         where ${stillMine} returning id`,
        [...fenceOf(owner), reason, delayMs],
      )
      ownRow(rows, owner)
    },
  }
}

interface Paid extends TokenCount {
  cost: number
  took: number
}

/** What was paid is not written here: the journal adds it up as it is paid. */
async function recordExamination(tx: Queryable, owner: Owner, record: ReviewRecord): Promise<Effort> {
  const { coverage, filesRead, findings, leftOut, summary, verdict } = record
  const rows = await tx.query<Paid>(
    `update reviews set summary = $3, coverage = $4, verdict = $5, files_read = $6, left_out = $7,
       event_seq = event_seq + 1
     where ${stillMine}
     returning tokens_in::float8 as input, tokens_out::float8 as output, tokens_cached::float8 as cached,
       cost_usd::float8 as cost, extract(epoch from now() - started_at)::float8 * 1000 as took`,
    [...fenceOf(owner), summary, coverage, verdict ?? null, filesRead, JSON.stringify(leftOut)],
  )
  const { cost, took, ...tokens } = ownRow(rows, owner)
  await tx.query('delete from findings where review_id = $1', [owner.reviewId])
  for (const [ordinal, finding] of findings.entries()) await addFinding(tx, finding, [owner.reviewId, ordinal])
  return { tokens, tookMs: took, ...(cost > 0 ? { costUsd: cost } : {}) }
}

async function addFinding(tx: Queryable, finding: PlacedFinding, key: [string, number]): Promise<void> {
  const { body, line, path, placement, quote, reviewer, severity, side, startLine, suggestion, title } = finding
  const verification = finding.verification ? JSON.stringify(finding.verification) : null
  await tx.query(
    `insert into findings (review_id, ordinal, reviewer, severity, path, line, start_line, side, quote, title, body,
       suggestion, placement, verification, held_back)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      ...key,
      reviewer,
      severity,
      path,
      line,
      startLine,
      side,
      quote,
      title,
      body,
      suggestion,
      JSON.stringify(placement),
      verification,
      !isPublished(finding),
    ],
  )
}

interface Ended {
  ref: PullRequestRef
  title: string
  author: string
  trigger: Trigger
}

/** Their delivery cancels what is live and pauses it; what met the closed door before that is paused like it. */
const comesBack: readonly string[] = [wording.reason.suspended, wording.reason.archived]

async function finish(tx: Queryable, owner: Owner, outcome: Outcome): Promise<void> {
  const by = outcome.kind === 'superseded' ? outcome.by : undefined
  // Before the review's own row: the order of locks of `intake.ts`.
  if (by) await lockPullRequestOf(tx, owner.reviewId)
  const published = outcome.kind === 'published' ? outcome : undefined
  const rows = await tx.query<Ended>(
    `update reviews set status = $3, reason = $4, delivery = $5, github_review_id = $6, error = null, beat_at = null,
       finished_at = now(), paused = $7, ${noteChange}
     where ${stillMine} returning ${refObject} as ref, title, author, trigger`,
    [
      ...fenceOf(owner),
      outcome.kind,
      outcome.kind === 'published' ? null : outcome.reason,
      published?.delivery,
      published?.githubReviewId,
      outcome.kind === 'cancelled' && comesBack.includes(outcome.reason),
    ],
  )
  const ended = ownRow(rows, owner)
  // Its hook may have been lost, or come before that of an older one, or later: then it finds this row.
  if (by) await recordHead(tx, { ...ended, ref: { ...ended.ref, ...by }, updatedAt: null })
}
