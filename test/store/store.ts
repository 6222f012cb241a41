// A migrated database for one test file, and short ways to the states that tests start from.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeEach } from 'vitest'
import type { ReviewHook } from '../../src/jobs/hook.ts'
import type { ClaimedReview, Owner } from '../../src/jobs/ports.ts'
import { commitSha, deliveryId, type ReviewId } from '../../src/review/ids.ts'
import type { PullRequestRef } from '../../src/review/pull-request.ts'
import { createClaims } from '../../src/store/claims.ts'
import { type Database, type OpenDatabase, openPostgres } from '../../src/store/database.ts'
import { createIntake } from '../../src/store/intake.ts'
import { migrate } from '../../src/store/migrate.ts'
import { createKeptLog } from '../support/log.ts'
import { testDatabaseUrl } from '../support/real.ts'

export const leaseMs = 30_000
export const maxCrashes = 3

/** What the store's tests run on. `on-pglite.test.ts` sets it before it loads them. */
export const engine: { open: () => Promise<OpenDatabase> } = {
  open: async () =>
    openPostgres({ url: await testDatabaseUrl(), max: 10, statementTimeoutMs: 10_000, log: createKeptLog() }),
}

/** Emptied before each test, closed at the end of the file. */
export async function openTestStore(): Promise<Database> {
  const db = await engine.open()
  await migrate(db)
  beforeEach(async () => {
    await db.query(
      'truncate deliveries, pull_requests, reviews, findings, spans, workers, rejected_entries, github_writes, leader, sweep_marks, repositories, unreviewed_pull_requests',
    )
  })
  afterAll(() => db.close())
  return db
}

export const headA = commitSha('a'.repeat(40))
export const headB = commitSha('b'.repeat(40))
export const headC = commitSha('c'.repeat(40))

export const ref: PullRequestRef = {
  installationId: 77,
  repositoryId: 5_000_000_001,
  owner: 'acme',
  repo: 'shop',
  number: 4,
  headSha: headA,
  baseRef: 'main',
  kind: 'pull_request',
}

/** A push to pull request 4, with a GUID of its own. */
export function pushHook(over: Partial<PullRequestRef> = {}, hook: Partial<ReviewHook> = {}): ReviewHook {
  return {
    kind: 'review',
    deliveryId: deliveryId(randomUUID()),
    event: 'pull_request',
    action: 'synchronize',
    ref: { ...ref, ...over },
    title: 'Add a cart',
    author: 'octocat',
    updatedAt: '2026-01-01T10:00:00Z',
    trigger: 'hook',
    ...hook,
  }
}

/** A queued review. */
export async function recordReview(db: Database, over: Partial<PullRequestRef> = {}): Promise<ReviewId> {
  const recorded = await createIntake(db).recordHook(pushHook(over))
  if (recorded.kind !== 'recorded') throw new Error(`not recorded but ${recorded.kind}`)
  return recorded.reviewId
}

/** A running review. */
export async function claimReview(db: Database, id: ReviewId, worker = 'w1'): Promise<ClaimedReview> {
  const claim = await createClaims(db, { leaseMs, maxCrashes }).claim(id, worker)
  if (claim.kind !== 'claimed') throw new Error(`not claimed but ${claim.kind}`)
  return claim.review
}

/** The owner of a running review whose row was then taken over by another worker. */
export async function overtakenOwner(db: Database, over: Partial<PullRequestRef> = {}): Promise<Owner> {
  const id = await recordReview(db, over)
  const { owner } = await claimReview(db, id, 'paused')
  await silence(db, id)
  await claimReview(db, id, 'next')
  return owner
}

/** As if the owner had not beaten for longer than a lease. */
export async function silence(db: Database, id: ReviewId): Promise<void> {
  await db.query(`update reviews set beat_at = now() - interval '31 seconds' where id = $1`, [id])
}

/** The columns that people do not see, too. */
export interface RawReview {
  id: string
  status: string
  reason: string | null
  error: string | null
  head_sha: string
  title: string
  trigger: string
  epoch: number
  generation: number
  attempts: number
  crashes: number
  not_before: Date | null
  frozen: unknown
  publish_intent_at: Date | null
  event_seq: number
  check_due: boolean
  check_version: number
  check_error: string | null
}

export async function readRow(db: Database, id: ReviewId): Promise<RawReview> {
  const [row] = await db.query<RawReview>('select * from reviews where id = $1', [id])
  if (!row) throw new Error(`no review ${id}`)
  return row
}

export function allRows(db: Database): Promise<RawReview[]> {
  return db.query<RawReview>('select * from reviews order by reviews.id')
}
