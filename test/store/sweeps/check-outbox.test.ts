import { expect, test } from 'vitest'
import { createCheckOutbox } from '../../../src/store/sweeps/check-outbox.ts'
import { createEndings } from '../../../src/store/endings.ts'
import { claimReview, headA, headB, openTestStore, readRow, recordReview, ref } from '../store.ts'

const db = await openTestStore()
const outbox = createCheckOutbox(db, 30_000)
const endings = createEndings(db)

/** As if the minute of a lease, or a pause, were over. */
async function passTime(): Promise<void> {
  await db.query('update reviews set check_not_before = now() where check_not_before is not null')
}

test('a recorded review is due with what a check run says', async () => {
  const id = await recordReview(db)

  const due = await outbox.takeDue(10)

  expect(due).toEqual([
    {
      reviewId: id,
      ref,
      version: 1,
      status: 'queued',
      reason: undefined,
      coverage: undefined,
      findings: 0,
      filesRead: 0,
      leftOut: [],
      summary: '',
      overtaken: false,
    },
  ])
})

test('what one has taken, nobody else gets, until its minute is over', async () => {
  const id = await recordReview(db)
  await outbox.takeDue(10)

  const meanwhile = await outbox.takeDue(10)
  await passTime()
  const later = await outbox.takeDue(10)

  expect(meanwhile).toEqual([])
  expect(later.map((one) => one.reviewId)).toEqual([id])
})

test('many that take at once get each row once', async () => {
  const ids = await Promise.all(Array.from({ length: 12 }, (_, index) => recordReview(db, { number: index + 1 })))

  const taken = await Promise.all(Array.from({ length: 6 }, () => outbox.takeDue(4)))

  const got = taken.flat().map((one) => one.reviewId)
  expect(new Set(got).size).toBe(got.length)
  expect(got.concat((await outbox.takeDue(20)).map((one) => one.reviewId)).toSorted()).toEqual(ids.toSorted())
})

test('a row that changed while it was shown stays due, but not before the showing is over', async () => {
  const id = await recordReview(db)
  await outbox.takeDue(10)
  const { owner } = await claimReview(db, id)

  const during = await outbox.takeDue(10)
  await outbox.shown(id, 1)
  const after = await outbox.takeDue(10)

  expect(during).toEqual([])
  expect(after).toMatchObject([{ reviewId: owner.reviewId, version: 2, status: 'running' }])
})

test('a late report of an older version makes the row due again: it may have overwritten the newer one', async () => {
  const id = await recordReview(db)
  await outbox.takeDue(10)
  await claimReview(db, id)
  await passTime()
  await outbox.takeDue(10)
  await outbox.shown(id, 2)

  await outbox.shown(id, 1)

  expect(await outbox.takeDue(10)).toMatchObject([{ reviewId: id, version: 2 }])
})

test('what was shown is not due', async () => {
  const id = await recordReview(db)
  await outbox.takeDue(10)

  await outbox.shown(id, 1)

  expect(await outbox.takeDue(10)).toEqual([])
  expect((await readRow(db, id)).check_due).toBe(false)
})

test('a postponed row keeps its error and comes back later', async () => {
  const id = await recordReview(db)
  await outbox.takeDue(10)

  await outbox.postponed(id, 30_000, 'socket hang up')

  expect(await outbox.takeDue(10)).toEqual([])
  expect(await readRow(db, id)).toMatchObject({ check_due: true, check_error: 'socket hang up' })
  await passTime()
  expect(await outbox.takeDue(10)).toHaveLength(1)
})

test('a row that was given up is left alone until it changes', async () => {
  const id = await recordReview(db)
  await outbox.takeDue(10)

  await outbox.gaveUp(id, 1, 'Resource not accessible by integration')

  expect(await outbox.takeDue(10)).toEqual([])
  await claimReview(db, id)
  expect(await outbox.takeDue(10)).toMatchObject([{ version: 2 }])
})

test('an ended review is due with how it ended', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await endings.finish(owner, { kind: 'skipped', reason: 'Nothing to read.' })

  const due = await outbox.takeDue(10)

  expect(due).toMatchObject([{ version: 3, status: 'skipped', reason: 'Nothing to read.' }])
})

test('a failed review is due with what failed', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await endings.fail(owner, { message: 'The model did not answer.', delayMs: 0, maxAttempts: 1, permanent: true })

  const due = await outbox.takeDue(10)

  expect(due).toMatchObject([{ status: 'failed', reason: 'The model did not answer.' }])
})

test('a base branch that was changed and changed back leaves what was said of the commit', async () => {
  const said = await claimReview(db, await recordReview(db))
  await endings.finish(said.owner, { kind: 'published', delivery: 'check-only' })
  const between = await claimReview(db, await recordReview(db, { baseRef: 'dev' }))
  const by = { headSha: headA, baseRef: 'main' }
  await endings.finish(between.owner, { kind: 'superseded', by, reason: 'The base branch was changed.' })

  const due = await outbox.takeDue(10)

  expect(due).toMatchObject([
    { reviewId: said.owner.reviewId, status: 'published', overtaken: false },
    { reviewId: between.owner.reviewId, status: 'published', reason: undefined, overtaken: false },
  ])
})

test('of a commit that was pushed again, the older review makes no check run any more', async () => {
  const older = await recordReview(db)
  await recordReview(db, { headSha: headB })
  const newer = await recordReview(db)

  const due = await outbox.takeDue(10)

  const overtaken = due.filter((one) => one.overtaken).map((one) => one.reviewId)
  expect(overtaken).toEqual([older])
  expect(due.at(-1)).toMatchObject({ reviewId: newer, status: 'queued' })
})

test('a review that was only shown says nothing of a commit', async () => {
  const shown = await claimReview(db, await recordReview(db, { installationId: 0 }))
  await endings.finish(shown.owner, { kind: 'published', delivery: 'shown' })
  const { owner } = await claimReview(db, await recordReview(db))
  await endings.finish(owner, { kind: 'cancelled', reason: 'The pull request was closed.' })

  const due = await outbox.takeDue(10)

  expect(due).toMatchObject([{ reviewId: owner.reviewId, status: 'cancelled' }])
})
