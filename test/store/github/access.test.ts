import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { AccessHook } from '../../../src/jobs/hook.ts'
import { LostLeaseError } from '../../../src/review/errors.ts'
import { deliveryId } from '../../../src/review/ids.ts'
import { createEndings } from '../../../src/store/endings.ts'
import { createIntake } from '../../../src/store/intake.ts'
import { createJournal } from '../../../src/store/journal.ts'
import { allRows, claimReview, openTestStore, readRow, recordReview, ref } from '../store.ts'

const db = await openTestStore()
const { recordHook } = createIntake(db)
const scope = { installationId: ref.installationId }
const ours = { repositoryIds: [ref.repositoryId] }
const neighbour = { repositoryId: 6, installationId: 78 }

function event(action: string): Pick<AccessHook, 'deliveryId' | 'event' | 'action'> {
  return { deliveryId: deliveryId(randomUUID()), event: 'installation', action }
}

test('whoever runs a review that was purged can write nothing any more', async () => {
  const claimed = await claimReview(db, await recordReview(db))
  const { owner } = claimed

  await recordHook({ ...event('deleted'), kind: 'purge', scope })

  const ended = createEndings(db).finish(owner, { kind: 'skipped', reason: 'Nothing to read.' })
  await expect(ended).rejects.toThrow(LostLeaseError)
  const step = createJournal(db, claimed, () => undefined).step('examine', {}, async () => ({ output: 1 }))
  await expect(step).rejects.toThrow(LostLeaseError)
  expect(await allRows(db)).toEqual([])
})

test('what belongs to a deleted installation is deleted, and nothing else', async () => {
  await recordReview(db)
  const kept = await recordReview(db, neighbour)

  const recorded = await recordHook({ ...event('deleted'), kind: 'purge', scope })

  expect(recorded).toEqual({ kind: 'access', reviews: 1 })
  expect((await allRows(db)).map((row) => row.id)).toEqual([kept])
  expect(await db.query('select number from pull_requests')).toHaveLength(1)
})

test('a suspended installation has its live reviews cancelled with the reason, and the ended ones kept', async () => {
  const { owner } = await claimReview(db, await recordReview(db, { number: 1 }))
  await createEndings(db).finish(owner, { kind: 'published', delivery: 'check-only' })
  const running = await claimReview(db, await recordReview(db, { number: 2 }))
  const kept = await recordReview(db, neighbour)

  await recordHook({ ...event('suspend'), kind: 'pause', scope, reason: "The App's installation was suspended." })

  expect(await readRow(db, owner.reviewId)).toMatchObject({ status: 'published' })
  const paused = await readRow(db, running.owner.reviewId)
  expect(paused).toMatchObject({ status: 'cancelled', epoch: 2, reason: "The App's installation was suspended." })
  expect(await readRow(db, kept)).toMatchObject({ status: 'queued' })
})

test('a repository that was removed loses its waiting reviews alone', async () => {
  const gone = await recordReview(db)
  const kept = await recordReview(db, { repositoryId: 6 })

  await recordHook({ ...event('removed'), kind: 'pause', scope: ours, reason: 'The App was removed.' })

  expect((await readRow(db, gone)).status).toBe('cancelled')
  expect((await readRow(db, kept)).status).toBe('queued')
})

test('a renamed or transferred repository is known by its new name, also to the review that waits', async () => {
  const id = await recordReview(db)

  await recordHook({ ...event('renamed'), kind: 'rename', repositoryId: ref.repositoryId, owner: 'new', repo: 'store' })

  expect((await claimReview(db, id)).ref).toMatchObject({ owner: 'new', repo: 'store' })
  expect(await db.query('select owner, repo from pull_requests')).toEqual([{ owner: 'new', repo: 'store' }])
})
