// Reviews of pull requests where the App is not installed: installation 0.
import { expect, test } from 'vitest'
import { createCheckOutbox } from '../../src/store/sweeps/check-outbox.ts'
import { createEndings } from '../../src/store/endings.ts'
import { createIntake } from '../../src/store/intake.ts'
import { claimReview, openTestStore, pushHook, readRow, recordReview, ref } from './store.ts'

const db = await openTestStore()
const intake = createIntake(db)

test('a review that is only shown has no check run', async () => {
  const shown = await recordReview(db, { installationId: 0 })
  const recorded = await readRow(db, shown)
  await claimReview(db, shown)

  const due = await createCheckOutbox(db, 30_000).takeDue(10)

  expect(due).toEqual([])
  expect([recorded.check_due, (await readRow(db, shown)).check_due]).toEqual([false, false])
})

test('a head that was only shown is shown once, and posted when the App is installed', async () => {
  const shown = await recordReview(db, { installationId: 0 })
  const { owner } = await claimReview(db, shown)
  await createEndings(db).finish(owner, { kind: 'published', delivery: 'shown' })
  const asked = { ref: { ...ref, installationId: 0 }, title: '', author: '', trigger: 'api' as const, updatedAt: null }

  const again = await intake.recordRequest(asked)
  const installed = await intake.recordHook(pushHook())

  expect(again).toEqual({ kind: 'known', reviewId: shown })
  expect(installed).toMatchObject({ kind: 'recorded' })
})

test('a hook of the App ends a review of the same head that would only be shown', async () => {
  const shown = await recordReview(db, { installationId: 0 })

  const installed = await intake.recordHook(pushHook())

  expect(installed).toMatchObject({ kind: 'recorded' })
  expect((await readRow(db, shown)).status).toBe('superseded')
})
