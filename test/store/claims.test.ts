import { expect, test } from 'vitest'
import type { ReviewClaim } from '../../src/jobs/ports.ts'
import { type ReviewId, reviewId } from '../../src/review/ids.ts'
import { createClaims } from '../../src/store/claims.ts'
import { silenceRunning } from '../../src/store/dispatch.ts'
import { createEndings } from '../../src/store/endings.ts'
import { createPublishing } from '../../src/store/publishing.ts'
import { createCheckOutbox } from '../../src/store/sweeps/check-outbox.ts'
import { claimReview, headA, leaseMs, maxCrashes, openTestStore, readRow, recordReview, ref, silence } from './store.ts'

const db = await openTestStore()
const claims = createClaims(db, { leaseMs, maxCrashes })
const endings = createEndings(db)

/** A worker whose beats came without a gap for longer than a lease. */
async function steadyWorker(name: string): Promise<void> {
  await claims.beatWorker(name, 4)
  await db.query(`update workers set steady_since = now() - interval '31 seconds' where name = $1`, [name])
}

/** As if the worker had not beaten for longer than a lease. */
async function silenceWorker(name: string): Promise<void> {
  await db.query(`update workers set loop_turned_at = now() - interval '31 seconds' where name = $1`, [name])
}

/** A running row whose worker has died. */
async function diedWhileRunning(): Promise<ReviewId> {
  const id = await recordReview(db)
  await claimReview(db, id, 'dead')
  await silence(db, id)
  return id
}

function epochOf(claim: ReviewClaim): number | undefined {
  return claim.kind === 'claimed' ? claim.review.owner.epoch : undefined
}

test('a row that has ended, or was never there, settles its entry', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await endings.finish(owner, { kind: 'skipped', reason: 'Nothing to read.' })

  const ended = await claims.claim(owner.reviewId, 'w2')
  const absent = await claims.claim(reviewId('999999'), 'w2')

  expect([ended, absent]).toEqual([{ kind: 'ended' }, { kind: 'ended' }])
})

test('of twenty claims at once one gets the row', async () => {
  const id = await recordReview(db)

  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => claims.claim(id, `w${index}`)))

  expect(answers.map((one) => one.kind).toSorted()).toEqual(['claimed', ...Array(19).fill('later')])
  expect((await readRow(db, id)).epoch).toBe(1)
})

test('of twenty claims of a silent row at once one takes it over', async () => {
  const id = await diedWhileRunning()

  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => claims.claim(id, `w${index}`)))

  expect(answers.map(epochOf).filter((epoch) => epoch !== undefined)).toEqual([2])
})

test('a row that runs and beats is left alone until its lease could be over', async () => {
  const id = await recordReview(db)
  await claimReview(db, id)

  const claim = await claims.claim(id, 'w2')

  expect(claim).toEqual({ kind: 'later', delayMs: expect.any(Number) })
  if (claim.kind === 'later') expect(claim.delayMs).toBeGreaterThan(leaseMs - 10_000)
})

test('a row that is not due yet is left alone until it is', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await endings.fail(owner, { message: 'no', delayMs: 40_000, maxAttempts: 5, permanent: false })

  const early = await claims.claim(owner.reviewId, 'w2')
  await db.query('update reviews set not_before = now()')
  const due = await claims.claim(owner.reviewId, 'w2')

  expect(early.kind === 'later' && early.delayMs > 30_000 && early.delayMs <= 40_000).toBe(true)
  expect(due).toMatchObject({ kind: 'claimed', review: { attempts: 1, owner: { epoch: 2, worker: 'w2' } } })
})

test('a claim answers what the job needs', async () => {
  const id = await recordReview(db)

  const claim = await claims.claim(id, 'w1')

  const owner = { reviewId: id, epoch: 1, worker: 'w1' }
  expect(claim).toEqual({ kind: 'claimed', review: { owner, ref, generation: 0, attempts: 0 }, crashes: 0 })
})

test('a parked review that has only its posting left does not change its check run when it wakes', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await createPublishing(db).openIntent(owner, { commitSha: headA, body: 'b', comments: [], payloadHash: 'h' })
  await endings.park(owner, 'as much was posted as GitHub lets an App post', 0)
  const parked = await readRow(db, owner.reviewId)
  await createCheckOutbox(db, leaseMs).shown(owner.reviewId, parked.check_version)

  await claimReview(db, owner.reviewId)

  const { check_due, check_version, event_seq } = await readRow(db, owner.reviewId)
  expect({ check_due, check_version }).toEqual({ check_due: false, check_version: parked.check_version })
  expect(event_seq).toBeGreaterThan(parked.event_seq)
})

test('a parked review that is still to be examined is shown to run when it wakes', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await endings.park(owner, 'the model asked to wait', 0)
  const parked = await readRow(db, owner.reviewId)
  await createCheckOutbox(db, leaseMs).shown(owner.reviewId, parked.check_version)

  await claimReview(db, owner.reviewId)

  expect(await readRow(db, owner.reviewId)).toMatchObject({
    check_due: true,
    check_version: parked.check_version + 1,
  })
})

/** One review of an installation runs, and one of its retries is due. */
async function retryBesideRunning(installationId: number): Promise<ReviewId> {
  const at = { installationId, repositoryId: installationId }
  const { owner } = await claimReview(db, await recordReview(db, { ...at, number: 2 }))
  await endings.fail(owner, { message: 'no', delayMs: 0, maxAttempts: 5, permanent: false })
  await claimReview(db, await recordReview(db, { ...at, number: 1 }))
  return owner.reviewId
}

test('a retry gives way to the new review of an installation that runs less, until that one runs', async () => {
  const retry = await retryBesideRunning(1)
  const fresh = await recordReview(db, { installationId: 2, repositoryId: 2 })
  const another = await recordReview(db, { installationId: 2, repositoryId: 2, number: 5 })

  const early = await claims.claim(retry, 'w1')
  await claimReview(db, fresh)
  const late = await claims.claim(retry, 'w1')

  expect(early).toEqual({ kind: 'later', delayMs: 1000 })
  expect(late.kind).toBe('claimed')
  expect((await claims.claim(another, 'w1')).kind).toBe('claimed')
})

test('a review with only its posting left gives way to nobody: it has its place in the pace', async () => {
  const retry = await retryBesideRunning(1)
  await db.query(`update reviews set frozen = '{}' where id = $1`, [retry])
  await recordReview(db, { installationId: 2, repositoryId: 2 })

  expect((await claims.claim(retry, 'w1')).kind).toBe('claimed')
})

test('an installation of which nothing runs gives way to nobody', async () => {
  const { owner } = await claimReview(db, await recordReview(db, { installationId: 1, repositoryId: 1 }))
  await endings.park(owner, 'the model asked to wait', 0)
  await recordReview(db, { installationId: 2, repositoryId: 2 })

  expect((await claims.claim(owner.reviewId, 'w1')).kind).toBe('claimed')
})

test('a retry that a person asked for, and one beside retries only, give way to nobody', async () => {
  const asked = await retryBesideRunning(1)
  await db.query(`update reviews set trigger = 'command' where id = $1`, [asked])
  const beside = await retryBesideRunning(2)
  const { owner } = await claimReview(db, await recordReview(db, { installationId: 3, repositoryId: 3 }))
  await endings.park(owner, 'the model asked to wait', 0)

  const besideRetries = await claims.claim(beside, 'w1')
  await recordReview(db, { installationId: 3, repositoryId: 3, number: 5 })
  const ofPerson = await claims.claim(asked, 'w1')

  expect([besideRetries.kind, ofPerson.kind]).toEqual(['claimed', 'claimed'])
})

test('a beat answers only the reviews that are still the owners', async () => {
  const mine = await claimReview(db, await recordReview(db, { number: 1 }))
  const lost = await claimReview(db, await recordReview(db, { number: 2 }))
  await silence(db, lost.owner.reviewId)
  await claimReview(db, lost.owner.reviewId, 'w2')

  const beaten = await claims.beat([mine.owner, lost.owner])
  const none = await claims.beat([])

  expect(beaten).toEqual([mine.owner.reviewId])
  expect(none).toEqual([])
})

test('a beat keeps a row from being taken over', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  await silence(db, owner.reviewId)

  await claims.beat([owner])

  expect((await claims.claim(owner.reviewId, 'w2')).kind).toBe('later')
})

test('a row that is released can be claimed at once, and a lost one is not released', async () => {
  const first = await claimReview(db, await recordReview(db))
  await claims.release(first.owner)
  const second = await claimReview(db, first.owner.reviewId, 'w2')

  await claims.release(first.owner)

  expect(await readRow(db, second.owner.reviewId)).toMatchObject({ status: 'running', epoch: 2, attempts: 0 })
})

test('taking over from a dead worker counts a crash', async () => {
  const id = await diedWhileRunning()
  await steadyWorker('w2')

  const claim = await claims.claim(id, 'w2')

  expect(claim.kind).toBe('claimed')
  expect((await readRow(db, id)).crashes).toBe(1)
})

test('taking over from a worker that lives counts no crash: it merely lost this row', async () => {
  const id = await diedWhileRunning()
  await steadyWorker('w2')
  await claims.beatWorker('dead', 4)

  await claims.claim(id, 'w2')

  expect(await readRow(db, id)).toMatchObject({ crashes: 0, epoch: 2 })
})

test('after Postgres was away nobody is called dead until the claimer has seen a whole lease', async () => {
  const id = await diedWhileRunning()
  await steadyWorker('w2')
  await silenceWorker('w2')
  await claims.beatWorker('w2', 4)

  const claim = await claims.claim(id, 'w2')

  expect(claim.kind === 'later' && claim.delayMs > leaseMs - 10_000 && claim.delayMs <= leaseMs).toBe(true)
  expect((await readRow(db, id)).crashes).toBe(0)
})

test('a claimer whose own beats do not get through takes over without counting', async () => {
  const id = await diedWhileRunning()
  await steadyWorker('w2')
  await silenceWorker('w2')

  const claim = await claims.claim(id, 'w2')

  expect(claim.kind).toBe('claimed')
  expect((await readRow(db, id)).crashes).toBe(0)
})

test('beats without a gap keep the worker steady', async () => {
  await steadyWorker('w2')

  await claims.beatWorker('w2', 8)

  const kept = await db.query(`select slots, steady_since < now() - interval '30 seconds' as steady from workers`)
  expect(kept).toEqual([{ slots: 8, steady: true }])
})

test('a job that keeps killing its workers fails with its reason', async () => {
  const id = await diedWhileRunning()
  await steadyWorker('w2')
  await claims.claim(id, 'dead again')
  await db.query('update reviews set crashes = 2')
  await silence(db, id)

  const claim = await claims.claim(id, 'w2')

  expect(claim).toEqual({ kind: 'ended' })
  expect(await readRow(db, id)).toMatchObject({
    status: 'failed',
    crashes: 3,
    epoch: 3,
    error: 'The worker died while it ran this review, 3 times in all.',
    check_due: true,
  })
})

test('the start of a process that has the database to itself counts what was running as a crash', async () => {
  const running = await claimReview(db, await recordReview(db, { number: 1 }))
  const waiting = await recordReview(db, { number: 2 })

  await silenceRunning(db)
  await silenceRunning(db) // A start that failed before it claimed anything.

  const claim = await claims.claim(running.owner.reviewId, 'w2')
  expect(claim).toMatchObject({ kind: 'claimed', crashes: 1 })
  expect((await readRow(db, waiting)).crashes).toBe(0)
})

test('a job that keeps killing the process that has the database to itself fails with its reason', async () => {
  const { owner } = await claimReview(db, await recordReview(db))
  const kinds: string[] = []

  for (let start = 1; start <= maxCrashes; start++) {
    await silenceRunning(db)
    kinds.push((await claims.claim(owner.reviewId, 'w2')).kind)
  }

  expect(kinds).toEqual(['claimed', 'claimed', 'ended'])
  expect(await readRow(db, owner.reviewId)).toMatchObject({
    status: 'failed',
    crashes: 3,
    error: 'The worker died while it ran this review, 3 times in all.',
  })
})

test('the rows of workers that went away a day ago are removed, and that of one that stops at once', async () => {
  await claims.beatWorker('gone', 4)
  await db.query(`update workers set loop_turned_at = now() - interval '25 hours'`)
  await claims.beatWorker('w1', 4)
  await claims.beatWorker('w2', 4)

  await claims.removeWorker('w2')

  expect(await db.query('select name from workers')).toEqual([{ name: 'w1' }])
})

test('an entry that cannot be understood is kept, also when it is rejected twice', async () => {
  await claims.reject('1-0', '{"job"')
  await claims.reject('1-0', '{"job"')

  expect(await db.query('select entry_id, raw from rejected_entries')).toEqual([{ entry_id: '1-0', raw: '{"job"' }])
})
