// The sweeps' own questions have an index each: they are asked for ever, of a table that only grows.
import { expect, test } from 'vitest'
import { createForgetStore } from '../../../src/store/sweeps/forget.ts'
import { createLeftoverDraftStore } from '../../../src/store/sweeps/leftover-drafts.ts'
import { createCheckOutbox } from '../../../src/store/sweeps/check-outbox.ts'
import type { Database } from '../../../src/store/database.ts'
import { openTestStore } from '../store.ts'

const db = await openTestStore()

/** The plans of what is asked, with sequential scans as the last resort. */
async function planOf(ask: (db: Database) => Promise<unknown>): Promise<string> {
  const plans: unknown[] = []
  await db.transaction(async (tx) => {
    await tx.query('set local enable_seqscan = off')
    const explained: Database = {
      async query<Row>(text: string, params?: readonly unknown[]) {
        plans.push(await tx.query(`explain ${text}`, params))
        return [] as Row[]
      },
      transaction: () => Promise.reject(new Error('nothing here asks for one')),
    }
    await ask(explained)
  })
  return JSON.stringify(plans)
}

test.each([
  ['reviews_with_code', (on: Database) => createForgetStore(on).dropCode(30, 20)],
  ['reviews_leftover_drafts', (on: Database) => createLeftoverDraftStore(on).endedWhilePosting(600_000, 20)],
  ['reviews_check_due', (on: Database) => createCheckOutbox(on, 30_000).takeDue(20)],
])('%s serves the sweep that it is for', async (index, ask) => {
  expect(await planOf(ask)).toContain(index)
})
