import { expect, test } from 'vitest'
import { createClaims } from '../../../src/store/claims.ts'
import { createEndings } from '../../../src/store/endings.ts'
import { createSweepStore } from '../../../src/store/sweeps/sweep-store.ts'
import { createJournal } from '../../../src/store/journal.ts'
import { readFigures, stepBounds } from '../../../src/store/watch/figures.ts'
import { claimReview, leaseMs, maxCrashes, openTestStore, recordReview, silence } from '../store.ts'

const db = await openTestStore()
const claims = createClaims(db, { leaseMs, maxCrashes })

test('of an empty record everything is zero', async () => {
  const figures = await readFigures(db, leaseMs)

  expect(figures).toEqual({
    reviews: [],
    backlog: {
      due: 0,
      later: 0,
      oldestSeconds: 0,
      silent: 0,
      checkRunsDue: 0,
      checkRunsRefused: 0,
      checkRunsGivenUp: 0,
    },
    workers: { alive: 0, silent: 0, slots: 0, loopAgeSeconds: 0 },
    paid: { input: 0, output: 0, cached: 0, costUsd: 0 },
    steps: [],
    writes: [],
    sweeps: [],
    rejectedEntries: 0,
  })
})

test('reviews are counted by what they wait for', async () => {
  await recordReview(db, { number: 1 })
  await db.query(`update reviews set waiting_since = now() - interval '90 seconds', check_error = 'refused'`)
  const parked = await claimReview(db, await recordReview(db, { number: 2 }))
  await createEndings(db).park(parked.owner, 'GitHub asked to wait', 60_000)
  const silent = await recordReview(db, { number: 3 })
  await claimReview(db, silent)
  await silence(db, silent)
  await claimReview(db, await recordReview(db, { number: 4, installationId: 0 }))

  const { backlog, reviews } = await readFigures(db, leaseMs)

  expect(backlog).toMatchObject({ due: 1, later: 1, silent: 1, checkRunsDue: 3, checkRunsRefused: 1 })
  expect(Math.round(backlog.oldestSeconds)).toBe(90)
  expect(reviews.toSorted((a, b) => a.count - b.count)).toEqual([
    { status: expect.stringMatching(/queued|running/), count: 2 },
    { status: expect.stringMatching(/queued|running/), count: 2 },
  ])
})

test('a check run that was given up counts for a day', async () => {
  for (const number of [1, 2]) await recordReview(db, { number })
  await db.query(`update reviews set check_due = false, check_error = 'no permission', status = 'failed',
    finished_at = now() - case number when 1 then interval '1 hour' else interval '25 hours' end`)

  const { backlog } = await readFigures(db, leaseMs)

  expect(backlog).toMatchObject({ checkRunsDue: 0, checkRunsRefused: 0, checkRunsGivenUp: 1 })
})

test('a worker that vanished is silent, and its slots do not count', async () => {
  await claims.beatWorker('alive', 4)
  await claims.beatWorker('vanished', 8)
  await db.query(`update workers set loop_turned_at = now() - interval '31 seconds' where name = 'vanished'`)

  const { workers } = await readFigures(db, leaseMs)

  expect(workers).toMatchObject({ alive: 1, silent: 1, slots: 4 })
  expect(workers.loopAgeSeconds).toBeLessThan(30)
})

test('steps are counted by kind, ending and duration, with what was paid and served', async () => {
  const review = await claimReview(db, await recordReview(db))
  const journal = createJournal(db, review, () => undefined)
  const answer = async () => ({ output: 1, tokens: { input: 100, output: 20, cached: 60 }, costUsd: 0.25 })
  await journal.step('model:review:a', 'same', answer)
  await journal.step('model:review:a', 'same', answer)
  await db.query(`update spans set ended_at = started_at + interval '7 seconds'`)
  await journal.step('checks:a', 'x', () => Promise.reject(new Error('odd'))).catch(() => undefined)

  const { paid, steps } = await readFigures(db, leaseMs)

  expect(paid).toEqual({ input: 100, output: 20, cached: 60, costUsd: 0.25 })
  expect(steps).toEqual([
    expect.objectContaining({ kind: 'checks', status: 'failed', count: 1 }),
    {
      kind: 'model',
      status: 'finished',
      count: 1,
      seconds: 7,
      served: 1,
      within: stepBounds.map((bound) => (bound >= 7 ? 1 : 0)),
    },
  ])
})

test('only the writes of the last hour count, and a sweep counts once it has had a turn', async () => {
  await db.query(
    `insert into github_writes values (77, array[now() - interval '61 minutes', now() - interval '59 minutes', now()])`,
  )
  await createSweepStore(db).lead('first turn', 'w1', { everyMs: 60_000, forMs: 60_000 })
  await createSweepStore(db).lead('drafts', 'w1', { everyMs: 60_000, forMs: 60_000 })
  await createSweepStore(db).ended('drafts', { tookMs: 1500, did: { deleted: 2 }, error: undefined })
  await createSweepStore(db).ended('drafts', { tookMs: 250, did: undefined, error: 'GitHub answered 502' })
  await claims.reject('1-1', 'odd')

  const { rejectedEntries, sweeps, writes } = await readFigures(db, leaseMs)

  expect(writes).toEqual([{ installation: '77', count: 2 }])
  expect(sweeps).toEqual([
    { name: 'drafts', ageSeconds: expect.closeTo(0, 0), seconds: 0.25, did: { deleted: 2 }, failures: 1 },
  ])
  expect(rejectedEntries).toBe(1)
})
