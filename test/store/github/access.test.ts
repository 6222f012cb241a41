import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { AccessHook } from '../../../src/jobs/hook.ts'
import { LostLeaseError } from '../../../src/review/errors.ts'
import { deliveryId } from '../../../src/review/ids.ts'
import { createEndings } from '../../../src/store/endings.ts'
import { createIntake } from '../../../src/store/intake.ts'
import { createJournal } from '../../../src/store/journal.ts'
import { createCatchUpStore } from '../../../src/store/sweeps/catch-up.ts'
import { createCheckOutbox } from '../../../src/store/sweeps/check-outbox.ts'
import { allRows, claimReview, openTestStore, readRow, recordReview, ref } from '../store.ts'

const db = await openTestStore()
const { recordHook } = createIntake(db)
const scope = { installationId: ref.installationId }
const ours = { repositoryIds: [ref.repositoryId] }
const openPull = { ref, title: '', author: '', updatedAt: '2026-01-01T10:00:00Z', createdAt: new Date(0) }
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

test('what was only shown before the App was installed goes with what came after', async () => {
  await recordReview(db, { installationId: 0 })
  await recordReview(db)

  const recorded = await recordHook({ ...event('deleted'), kind: 'purge', scope })

  expect(recorded).toEqual({ kind: 'access', reviews: 2 })
  expect(await db.query('select 1 from pull_requests')).toEqual([])
})

test.each([
  ['its installation', scope],
  ['it', ours],
])('nothing that was seen of a repository stays when %s is deleted', async (_, gone) => {
  await createCatchUpStore(db).see({ id: ref.installationId, installedAt: new Date() }, [
    { id: ref.repositoryId, owner: 'acme', repo: 'shop' },
  ])
  await createCatchUpStore(db).list(ref.repositoryId, [openPull], 'tag')

  await recordHook({ ...event('deleted'), kind: 'purge', scope: gone })
  await createCatchUpStore(db).list(ref.repositoryId, [openPull], 'tag')

  expect(await db.query('select 1 from repositories')).toEqual([])
  expect(await db.query('select 1 from unreviewed_pull_requests')).toEqual([])
})

test('a transferred repository asks with the token of its new installation, and what was only shown stays so', async () => {
  const shown = await recordReview(db, { number: 5, installationId: 0 })
  const id = await recordReview(db)
  const moved = {
    kind: 'rename',
    repositoryId: ref.repositoryId,
    owner: 'new',
    repo: 'shop',
    installationId: 78,
  } as const

  await recordHook({ ...event('transferred'), ...moved })

  expect((await claimReview(db, id)).ref).toMatchObject({ owner: 'new', installationId: 78 })
  expect((await claimReview(db, shown)).ref).toMatchObject({ owner: 'new', installationId: 0 })
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

test('a review of a suspended installation tells nothing of an error that it had earlier', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await createEndings(db).fail(owner, { message: 'a 502', delayMs: 0, maxAttempts: 5, permanent: false })

  await recordHook({ ...event('suspend'), kind: 'pause', scope, reason: 'The installation was suspended.' })

  expect(await readRow(db, owner.reviewId)).toMatchObject({ status: 'cancelled', error: null })
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

test.each([
  ['a suspension', []],
  ['archiving', [[]]],
])('the check run that %s left open is brought up to date when the repository is seen again', async (_, looks) => {
  const installation = { id: ref.installationId, installedAt: new Date() }
  const seen = [{ id: ref.repositoryId, owner: 'acme', repo: 'shop' }]
  const { see } = createCatchUpStore(db)
  const outbox = createCheckOutbox(db, 30_000)
  await see(installation, seen)
  const id = await recordReview(db)
  await recordHook({ ...event('suspend'), kind: 'pause', scope, reason: "The App's installation was suspended." })
  await outbox.gaveUp(id, 2, "The App's installation is suspended.")
  for (const none of looks) await see(installation, none)
  await db.query(`update reviews set finished_at = now() - interval '1 day'`)
  await db.query(`update repositories set seen_at = now() - interval '25 hours'`)

  const before = await outbox.takeDue(10)
  await see(installation, seen)
  const after = await outbox.takeDue(10)
  await outbox.gaveUp(id, 2, 'Resource not accessible by integration')
  await see(installation, seen)

  expect([before, after]).toMatchObject([[], [{ reviewId: id, status: 'cancelled', version: 2 }]])
  expect(await outbox.takeDue(10)).toEqual([])
})
