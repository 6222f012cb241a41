import { expect, test } from 'vitest'
import type { CheckRunView } from '../../../src/jobs/sweeps/check-run-ports.ts'
import { showCheckRuns } from '../../../src/jobs/sweeps/show-check-runs.ts'
import type { WriteResult } from '../../../src/jobs/ports.ts'
import { createCheckOutbox } from '../../../src/store/sweeps/check-outbox.ts'
import { leaseMs, openTestStore, readRow, recordReview } from '../../store/store.ts'
import { createManualClock } from '../../support/clock.ts'

const db = await openTestStore()
const signal = new AbortController().signal

/** GitHub, of which each answer takes so long. */
function slowBoard(answerMs: number) {
  const clock = createManualClock()
  const shown: CheckRunView[] = []
  const board = {
    async show(view: CheckRunView): Promise<WriteResult<undefined>> {
      await clock.advance(answerMs)
      shown.push(view)
      return { kind: 'done', value: undefined }
    },
  }
  const deps = { store: createCheckOutbox(db, leaseMs), board, publicUrl: undefined, clock, leaseMs }
  return { shown, turn: () => showCheckRuns(deps, signal) }
}

test('everything that is due is shown in one turn, where GitHub answers soon', async () => {
  for (const number of [1, 2, 3]) await recordReview(db, { number })
  const { shown, turn } = slowBoard(100)

  await turn()

  expect(shown.map(({ ref }) => ref.number)).toEqual([1, 2, 3])
})

test('a batch stops at half of its lease, and what it left is due again once the lease is over', async () => {
  const ids = []
  for (const number of [1, 2, 3, 4, 5]) ids.push(await recordReview(db, { number }))
  const { shown, turn } = slowBoard(leaseMs / 3)

  await turn()
  const inTime = shown.length
  await turn()
  const meanwhile = shown.length
  await db.query('update reviews set check_not_before = now() where check_not_before is not null')
  await turn()

  expect([inTime, meanwhile]).toEqual([3, 3])
  expect(shown.map(({ reviewId }) => reviewId)).toEqual(ids)
  for (const id of ids) expect((await readRow(db, id)).check_due).toBe(false)
})
