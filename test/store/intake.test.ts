import { expect, test } from 'vitest'
import type { CloseHook } from '../../src/jobs/hook.ts'
import { deliveryId, reviewId } from '../../src/review/ids.ts'
import { createEndings } from '../../src/store/endings.ts'
import { createIntake } from '../../src/store/intake.ts'
import { allRows, claimReview, headA, headB, headC, openTestStore, pushHook, readRow, recordReview } from './store.ts'

const db = await openTestStore()
const intake = createIntake(db)
const endings = createEndings(db)

function closeHook(updatedAt: string): CloseHook {
  const guid = deliveryId(crypto.randomUUID())
  const event = { deliveryId: guid, event: 'pull_request', action: 'closed', updatedAt }
  return { ...event, kind: 'close', repositoryId: 5_000_000_001, number: 4, reason: 'The pull request was closed.' }
}

test('the same delivery three times makes one review', async () => {
  const hook = pushHook()

  const first = await intake.recordHook(hook)
  const second = await intake.recordHook(hook)
  const third = await intake.recordHook(hook)

  const rows = await allRows(db)
  expect(rows).toMatchObject([{ status: 'queued', head_sha: headA, epoch: 0, check_due: true }])
  expect(first).toEqual({ kind: 'recorded', reviewId: rows[0]?.id })
  expect([second, third]).toEqual([
    { kind: 'again', reviewId: rows[0]?.id },
    { kind: 'again', reviewId: rows[0]?.id },
  ])
})

test('the same delivery twenty times at once makes one review', async () => {
  const hook = pushHook()

  const recorded = await Promise.all(Array.from({ length: 20 }, () => intake.recordHook(hook)))

  expect(await allRows(db)).toHaveLength(1)
  expect(recorded.filter((one) => one.kind === 'recorded')).toHaveLength(1)
})

test('twenty deliveries of the same head at once make one review', async () => {
  const hooks = Array.from({ length: 20 }, () => pushHook())

  const recorded = await Promise.all(hooks.map((hook) => intake.recordHook(hook)))

  expect(await allRows(db)).toHaveLength(1)
  expect(recorded.map((one) => one.kind).toSorted()).toEqual([...Array(19).fill('known'), 'recorded'])
})

test('many heads of one pull request at once leave one live review', async () => {
  const heads = Array.from({ length: 16 }, (_, index) => index.toString(16).repeat(40))

  await Promise.all(heads.map((head) => intake.recordHook(pushHook({ headSha: head as typeof headA })))) // 40 hex digits

  const rows = await allRows(db)
  expect(rows).toHaveLength(16)
  expect(rows.filter((row) => row.status === 'queued')).toHaveLength(1)
  expect(rows.filter((row) => row.status === 'superseded')).toHaveLength(15)
})

test('pull requests do not disturb each other, however many come at once', async () => {
  const hooks = Array.from({ length: 30 }, (_, index) => pushHook({ number: index + 1 }))

  const recorded = await Promise.all(hooks.map((hook) => intake.recordHook(hook)))

  expect(recorded.every((one) => one.kind === 'recorded')).toBe(true)
  expect((await allRows(db)).every((row) => row.status === 'queued')).toBe(true)
})

test('a hook older than what is known adds only its GUID', async () => {
  await intake.recordHook(pushHook({ headSha: headB }, { updatedAt: '2026-01-01T10:00:05Z' }))
  const old = pushHook({ headSha: headA }, { updatedAt: '2026-01-01T10:00:00Z' })

  const recorded = await intake.recordHook(old)
  const again = await intake.recordHook(old)

  expect(recorded).toEqual({ kind: 'stale' })
  expect(again).toEqual({ kind: 'known' })
  expect(await allRows(db)).toMatchObject([{ head_sha: headB, status: 'queued' }])
  expect(await db.query('select seq::int as seq from pull_requests')).toEqual([{ seq: 1 }])
})

test('a newer head supersedes the live review, running or not, and says why', async () => {
  const id = await recordReview(db, { headSha: headA })
  await claimReview(db, id)

  await intake.recordHook(pushHook({ headSha: headB }))

  expect(await allRows(db)).toMatchObject([
    { id, status: 'superseded', epoch: 2, reason: 'A newer commit was pushed.', check_due: true },
    { status: 'queued', head_sha: headB },
  ])
})

test('another base branch is other work on the same head', async () => {
  const id = await recordReview(db, { baseRef: 'main' })

  await intake.recordHook(pushHook({ baseRef: 'release' }))

  expect(await readRow(db, id)).toMatchObject({ status: 'superseded', reason: 'The base branch was changed.' })
  expect(await allRows(db)).toHaveLength(2)
})

test('a merge queue does not supersede the review of the pull request', async () => {
  const id = await recordReview(db)

  await intake.recordHook(pushHook({ headSha: headB, kind: 'merge_group' }))

  expect((await readRow(db, id)).status).toBe('queued')
})

test('a published head is not reviewed again', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await endings.finish(owner, { kind: 'published', delivery: 'check-only' })

  const recorded = await intake.recordHook(pushHook())

  expect(recorded).toEqual({ kind: 'known' })
  expect(await allRows(db)).toHaveLength(1)
})

test('a head whose review was cancelled is reviewed when the pull request is opened again', async () => {
  const id = await recordReview(db)
  await intake.cancel(id, 'Somebody said so.')

  const recorded = await intake.recordHook(pushHook())

  expect(recorded.kind).toBe('recorded')
})

test('redelivering the hook of a failed review retries it', async () => {
  const hook = pushHook()
  await intake.recordHook(hook)
  const [row] = await allRows(db)
  const { owner } = await claimReview(db, reviewId(row?.id ?? ''))
  await endings.fail(owner, { message: 'no such model', delayMs: 0, maxAttempts: 5, permanent: true })

  const again = await intake.recordHook(hook)

  expect(again).toEqual({ kind: 'again', reviewId: owner.reviewId })
  expect(await readRow(db, owner.reviewId)).toMatchObject({ status: 'queued', generation: 1, attempts: 0, error: null })
})

test('redelivering the hook of a running review adds nothing', async () => {
  const hook = pushHook()
  await intake.recordHook(hook)
  const [row] = await allRows(db)
  await claimReview(db, reviewId(row?.id ?? ''))

  const again = await intake.recordHook(hook)

  expect(again).toEqual({ kind: 'known' })
})

test('closing the pull request cancels its live review', async () => {
  const id = await recordReview(db)
  await claimReview(db, id)

  const closed = await intake.recordHook(closeHook('2026-01-01T11:00:00Z'))

  expect(closed).toEqual({ kind: 'closed', reviewIds: [id] })
  expect(await readRow(db, id)).toMatchObject({ status: 'cancelled', epoch: 2, reason: 'The pull request was closed.' })
})

test('a review that closing cancelled tells nothing of an error that it had earlier', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await endings.fail(owner, { message: 'a 502', delayMs: 0, maxAttempts: 5, permanent: false })

  await intake.recordHook(closeHook('2026-01-01T11:00:00Z'))

  expect(await readRow(db, owner.reviewId)).toMatchObject({ status: 'cancelled', error: null })
})

test('a close that comes after a newer push cancels nothing', async () => {
  const id = await recordReview(db)

  const closed = await intake.recordHook(closeHook('2026-01-01T09:00:00Z'))

  expect(closed).toEqual({ kind: 'stale' })
  expect((await readRow(db, id)).status).toBe('queued')
})

test('a push that comes after a newer close starts nothing', async () => {
  const id = await recordReview(db)
  await intake.recordHook(closeHook('2026-01-01T11:00:00Z'))

  const recorded = await intake.recordHook(pushHook({ headSha: headC }, { updatedAt: '2026-01-01T10:30:00Z' }))

  expect(recorded).toEqual({ kind: 'stale' })
  expect((await readRow(db, id)).status).toBe('cancelled')
})

test('a close of the same second as what is known cancels nothing: it may be the one before a reopening', async () => {
  const reopened = await intake.recordHook(pushHook({}, { action: 'reopened', updatedAt: '2026-01-01T11:00:00Z' }))

  const closed = await intake.recordHook(closeHook('2026-01-01T11:00:00Z'))

  expect([reopened.kind, closed]).toEqual(['recorded', { kind: 'stale' }])
  expect(await allRows(db)).toMatchObject([{ status: 'queued', epoch: 0 }])
})

test('what opens a pull request in the second in which it was closed is recorded, whichever comes first', async () => {
  const before = await intake.recordHook(closeHook('2026-01-01T11:00:00Z'))
  const opened = await intake.recordHook(pushHook({}, { action: 'opened', updatedAt: '2026-01-01T11:00:00Z' }))
  await intake.recordHook(closeHook('2026-01-01T11:00:01Z'))
  const reopened = await intake.recordHook(pushHook({}, { action: 'reopened', updatedAt: '2026-01-01T11:00:01Z' }))

  expect([before.kind, opened.kind, reopened.kind]).toEqual(['closed', 'recorded', 'recorded'])
  expect((await allRows(db)).map((row) => row.status)).toEqual(['cancelled', 'queued'])
})

test('closing a pull request that nobody knows is not an error', async () => {
  const closed = await intake.recordHook(closeHook('2026-01-01T11:00:00Z'))

  expect(closed).toEqual({ kind: 'closed', reviewIds: [] })
})

test('GUIDs are forgotten after eight days, their reviews are not', async () => {
  await recordReview(db)
  await db.query(`update deliveries set received_at = now() - interval '8 days 1 hour'`)
  await recordReview(db, { number: 5 })

  const forgotten = await intake.forgetDeliveries()

  expect(forgotten).toBe(1)
  expect(await allRows(db)).toHaveLength(2)
})

test('a title with NUL in it is recorded', async () => {
  const recorded = await intake.recordHook(pushHook({}, { title: 'a\0b' }))

  expect(recorded.kind).toBe('recorded')
  expect(await db.query('select title from reviews')).toEqual([{ title: 'a\uFFFDb' }])
})

test('ids beyond 32 bits are recorded', async () => {
  const recorded = await intake.recordHook(pushHook({ installationId: 3_000_000_004, repositoryId: 4_000_000_005 }))

  expect(recorded.kind).toBe('recorded')
})
