import { expect, test } from 'vitest'
import type { Owner, ReviewRecord } from '../../src/jobs/ports.ts'
import { LostLeaseError } from '../../src/review/errors.ts'
import type { PlacedFinding } from '../../src/review/finding.ts'
import { createCheckOutbox } from '../../src/store/sweeps/check-outbox.ts'
import { wording } from '../../src/review/wording.ts'
import { createEndings } from '../../src/store/endings.ts'
import { createIntake } from '../../src/store/intake.ts'
import { createJournal } from '../../src/store/journal.ts'
import { createPublishing } from '../../src/store/publishing.ts'
import { createReviews } from '../../src/store/reviews.ts'
import {
  allRows,
  claimReview,
  headA,
  headB,
  openTestStore,
  overtakenOwner,
  pushHook,
  readRow,
  recordReview,
} from './store.ts'

const db = await openTestStore()
const endings = createEndings(db)
const newer = { headSha: headB, baseRef: 'main' }
const publishing = createPublishing(db)
const reviews = createReviews(db)

const finding: PlacedFinding = {
  reviewer: 'correctness',
  severity: 'high',
  path: 'src/cart.ts',
  line: 12,
  startLine: 10,
  side: 'RIGHT',
  quote: 'total += price',
  title: 'The total\0overflows',
  body: 'Because it adds.',
  placement: { kind: 'inline', anchor: { path: 'src/cart.ts', side: 'RIGHT', line: 12, startLine: 10 } },
}

const record: ReviewRecord = {
  summary: 'Adds a cart.',
  coverage: 'partial',
  verdict: 'blocking',
  findings: [finding, { ...finding, line: 3, placement: { kind: 'body', reason: 'no patch' } }],
  leftOut: [{ kind: 'unread', path: 'big.json', reason: 'too large' }],
  filesRead: 3,
}

const failure = { message: 'reading failed: 502', delayMs: 40_000, maxAttempts: 3, permanent: false }
const publication = { commitSha: headA, body: 'b', comments: [], payloadHash: 'h' }

/** Every write that an owner has. */
function writesOf(owner: Owner): Promise<unknown>[] {
  return [
    endings.recordExamination(owner, record),
    endings.finish(owner, { kind: 'published', delivery: 'review', githubReviewId: 1 }),
    endings.finish(owner, { kind: 'superseded', by: newer, reason: 'A newer commit was pushed.' }),
    endings.fail(owner, failure),
    endings.park(owner, 'GitHub asked to wait', 1_000),
    publishing.openIntent(owner, publication),
    publishing.freezeAnew(owner, publication),
    publishing.assertOwner(owner),
    createJournal(db, { owner, generation: 0 }).step('examine', 1, async () => ({ output: 1 })),
  ]
}

test('an owner whose row was taken over can write nothing', async () => {
  const owner = await overtakenOwner(db)
  const before = await allRows(db)

  const written = await Promise.allSettled(writesOf(owner))

  expect(written.map((one) => (one.status === 'rejected' ? one.reason : 'written'))).toEqual(
    written.map(() => expect.any(LostLeaseError)),
  )
  expect(await allRows(db)).toEqual(before)
  expect(await db.query('select 1 from findings union all select 1 from spans')).toEqual([])
})

test('an owner whose head was superseded by a hook can write nothing', async () => {
  const { owner } = await claimReview(db, await recordReview(db, { headSha: headA }))
  await createIntake(db).recordHook(pushHook({ headSha: headB }))
  const before = await allRows(db)

  const written = await Promise.allSettled(writesOf(owner))

  expect(written.map((one) => (one.status === 'rejected' ? one.reason : 'written'))).toEqual(
    written.map(() => expect.any(LostLeaseError)),
  )
  expect(await allRows(db)).toEqual(before)
})

test('an owner whose review has ended, or was put back, can write nothing more', async () => {
  const ended = await claimReview(db, await recordReview(db, { number: 1 }))
  await endings.finish(ended.owner, { kind: 'skipped', reason: 'Nothing to read.' })
  const parked = await claimReview(db, await recordReview(db, { number: 2 }))
  await endings.park(parked.owner, 'GitHub asked to wait', 0)
  const before = await allRows(db)

  const written = await Promise.allSettled([...writesOf(ended.owner), ...writesOf(parked.owner)])

  expect(written.map((one) => (one.status === 'rejected' ? one.reason : 'written'))).toEqual(
    written.map(() => expect.any(LostLeaseError)),
  )
  expect(await allRows(db)).toEqual(before)
})

test('an error is kept with the time of the next try, until they are used up', async () => {
  const first = await claimReview(db, await recordReview(db))
  const id = first.owner.reviewId

  const once = await endings.fail(first.owner, failure)
  const retrying = await readRow(db, id)
  await db.query('update reviews set not_before = null, attempts = 2')
  const last = await claimReview(db, id)
  const again = await endings.fail(last.owner, failure)

  expect([once, again]).toEqual([{ kind: 'retrying' }, { kind: 'failed' }])
  expect(retrying).toMatchObject({
    status: 'retrying',
    attempts: 1,
    error: failure.message,
    not_before: expect.any(Date),
  })
  expect(await readRow(db, id)).toMatchObject({ status: 'failed', attempts: 3, not_before: null })
})

test('a permanent error fails at once', async () => {
  const { owner } = await claimReview(db, await recordReview(db))

  const failed = await endings.fail(owner, { ...failure, permanent: true })

  expect(failed).toEqual({ kind: 'failed' })
  expect((await readRow(db, owner.reviewId)).attempts).toBe(1)
})

test('parking spends no attempt and says what is waited for', async () => {
  const { owner } = await claimReview(db, await recordReview(db))

  await endings.park(owner, 'GitHub asked to wait', 60_000)

  expect(await readRow(db, owner.reviewId)).toMatchObject({
    status: 'queued',
    attempts: 0,
    reason: 'GitHub asked to wait',
    not_before: expect.any(Date),
  })
})

test('every outcome ends the row with its words', async () => {
  const published = await claimReview(db, await recordReview(db, { number: 1 }))
  const skipped = await claimReview(db, await recordReview(db, { number: 2 }))

  await endings.finish(published.owner, { kind: 'published', delivery: 'review', githubReviewId: 5_000_000_002 })
  await endings.finish(skipped.owner, { kind: 'skipped', reason: 'Nothing to read.' })

  const { reviews: rows } = await reviews.listReviews({ limit: 10 })
  expect(rows).toMatchObject([
    { number: 2, status: 'skipped', reason: 'Nothing to read.', delivery: null, finishedAt: expect.any(Date) },
    { number: 1, status: 'published', reason: null, delivery: 'review', githubReviewId: 5_000_000_002 },
  ])
})

test('a review that met a closed door that may open again is paused, and one whose door stays closed is not', async () => {
  const reasons = [wording.reason.suspended, wording.reason.archived, wording.reason.locked]
  for (const [index, reason] of reasons.entries()) {
    const { owner } = await claimReview(db, await recordReview(db, { number: index + 1 }))
    await endings.finish(owner, { kind: 'cancelled', reason })
  }

  const rows = await db.query('select status, paused from reviews order by number')

  expect(rows).toEqual([true, true, false].map((paused) => ({ status: 'cancelled', paused })))
})

test('a review that found a newer head records it', async () => {
  const { owner } = await claimReview(db, await recordReview(db, { headSha: headA }))

  await endings.finish(owner, { kind: 'superseded', by: newer, reason: 'A newer commit was pushed.' })

  expect(await allRows(db)).toMatchObject([
    { id: owner.reviewId, status: 'superseded' },
    { status: 'queued', head_sha: headB, title: 'Add a cart', trigger: 'hook', epoch: 0 },
  ])
})

test('a review that found another base branch is done again against that one', async () => {
  const { owner } = await claimReview(db, await recordReview(db, { headSha: headA }))

  const by = { headSha: headA, baseRef: 'dev' }
  await endings.finish(owner, { kind: 'superseded', by, reason: 'The base branch was changed.' })

  expect(await db.query('select status, head_sha, base_ref from reviews order by id')).toEqual([
    { status: 'superseded', head_sha: headA, base_ref: 'main' },
    { status: 'queued', head_sha: headA, base_ref: 'dev' },
  ])
})

test('a newer head that is known already is not recorded again', async () => {
  const { owner } = await claimReview(db, await recordReview(db, { headSha: headB }))
  await endings.finish(owner, { kind: 'published', delivery: 'check-only' })
  const later = await claimReview(db, await recordReview(db, { headSha: headA }))

  await endings.finish(later.owner, { kind: 'superseded', by: newer, reason: 'A newer commit was pushed.' })

  expect((await allRows(db)).map((row) => row.status)).toEqual(['published', 'superseded'])
})

test('the hook of a newer head and the job that found it, at the same time, record it once', async () => {
  const claimed = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => claimReview(db, await recordReview(db, { number: index + 1 }))),
  )

  const written = await Promise.allSettled(
    claimed.flatMap(({ owner, ref }) => [
      endings.finish(owner, { kind: 'superseded', by: newer, reason: 'A newer commit was pushed.' }),
      createIntake(db).recordHook(pushHook({ number: ref.number, headSha: headB })),
    ]),
  )

  const rows = await allRows(db)
  const refused = written.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  // Where the hook was first, the job has lost its row. Nothing else may go wrong: GitHub does not send the hook again.
  expect(refused).toEqual(refused.map(() => expect.any(LostLeaseError)))
  expect(rows.filter((row) => row.status === 'superseded')).toHaveLength(8)
  expect(rows.filter((row) => row.status === 'queued' && row.head_sha === headB)).toHaveLength(8)
  expect(rows).toHaveLength(16)
})

test('what was examined is kept as it was found, and replaced by the next examination', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await endings.recordExamination(owner, { ...record, findings: [finding, finding, finding] })

  await endings.recordExamination(owner, record)

  const read = await reviews.readReview(owner.reviewId)
  expect(read?.review).toMatchObject({
    status: 'running',
    summary: 'Adds a cart.',
    coverage: 'partial',
    verdict: 'blocking',
    filesRead: 3,
    findings: 2,
    leftOut: record.leftOut,
  })
  const kept = { ...finding, title: 'The total\uFFFDoverflows', suggestion: null, verification: null }
  expect(read?.findings).toEqual([kept, { ...kept, line: 3, placement: { kind: 'body', reason: 'no patch' } }])
})

test('what was held back is kept with its verification, and counted neither in lists nor in the check run', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  const evidence = [{ path: 'src/pay.ts', first: 3, last: 9 }]
  const verification = { verdict: 'refuted', reason: 'The caller\0checks it.', evidence } as const
  const heldBack: PlacedFinding = {
    ...finding,
    placement: { kind: 'held-back', reason: verification.reason },
    verification,
  }

  await endings.recordExamination(owner, {
    ...record,
    findings: [
      { ...finding, placement: { kind: 'listed' }, verification: { ...verification, verdict: 'confirmed' } },
      heldBack,
    ],
  })

  const read = await reviews.readReview(owner.reviewId)
  expect(read?.findings).toMatchObject([
    { placement: { kind: 'listed' }, verification: { verdict: 'confirmed', evidence } },
    { placement: heldBack.placement, verification },
  ])
  expect(read?.review.findings).toBe(1)
  expect((await reviews.listReviews({ limit: 10 })).reviews).toMatchObject([{ findings: 1 }])
  expect(await createCheckOutbox(db, 30_000).takeDue(10)).toMatchObject([{ findings: 1 }])
})
