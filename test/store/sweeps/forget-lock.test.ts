// What needs two connections, and so is not for PGlite.
import { expect, test } from 'vitest'
import { createForgetStore } from '../../../src/store/sweeps/forget.ts'
import { openTestStore, recordReview } from '../store.ts'

const db = await openTestStore()

test('a review that a Retry holds is left for the next turn, and waits for nobody', async () => {
  await recordReview(db)
  await db.query(`update reviews set status = 'failed', finished_at = now() - interval '31 days'`)

  const during = await db.transaction(async (tx) => {
    await tx.query('select 1 from reviews for update')
    return createForgetStore(db).dropCode(30, 20)
  })

  expect([during, await createForgetStore(db).dropCode(30, 20)]).toEqual([0, 1])
})
