import { expect, test, vi } from 'vitest'
import { createSweepTurn, type Sweep } from '../../../src/jobs/sweeps/sweep.ts'
import type { Did } from '../../../src/jobs/sweeps/sweep-store.ts'
import { createSweepStore } from '../../../src/store/sweeps/sweep-store.ts'
import { openTestStore } from '../../store/store.ts'

const db = await openTestStore()
const store = createSweepStore(db)
const signal = new AbortController().signal

/** What this worker's loop does; every reading of the clock is a quarter of a second later. */
function turnOf(holder: string, turn: Sweep['turn']): (signal: AbortSignal) => Promise<void> {
  let now = 0
  const clock = { monotonicMs: () => (now += 250) }
  return createSweepTurn({ name: 'drafts', everyMs: 60_000, turn }, { store, holder, clock })
}

/** One that counts its turns. */
function counting(holder: string, counted: string[], did: Did = {}): (signal: AbortSignal) => Promise<void> {
  return turnOf(holder, async () => {
    counted.push(holder)
    return did
  })
}

const row = async () => (await db.query<Record<string, unknown>>('select * from leader'))[0]
const later = (ms: number) =>
  db.query(`update leader set ran_at = ran_at - $1 * interval '1 ms', until = until - $1 * interval '1 ms'`, [ms])

test('a turn that fails is on the record with why, is not tried again before its time, and throws for the log', async () => {
  const counted: string[] = []
  await counting('w1', counted, { deleted: 3 })(signal)
  await later(60_000)

  const failed = turnOf('w1', () => Promise.reject(new Error('GitHub answered 502')))(signal)

  await expect(failed).rejects.toThrow('502')
  await counting('w1', counted)(signal)
  expect(counted).toEqual(['w1'])
  expect(await row()).toMatchObject({ did: { deleted: 3 }, error: 'GitHub answered 502', failures: 1, took_ms: 250 })
})

test('a turn that had to end before it was through says so, and what it did all the same', async () => {
  vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(AbortSignal.abort())

  await counting('w1', [], { recorded: 3 })(signal)

  expect(await row()).toMatchObject({ did: { recorded: 3 }, error: expect.stringMatching(/5 min/), failures: 1 })
})

test('a turn that its time cuts off in the middle of a request says the same, and not how it was cut off', async () => {
  vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(AbortSignal.abort())

  const cut = turnOf('w1', async (until) => {
    until.throwIfAborted()
    return {}
  })(signal)

  await expect(cut).rejects.toThrow()
  expect(await row()).toMatchObject({ error: expect.stringMatching(/5 min/), failures: 1 })
})

test('a turn that a stop interrupts has not been one, and is due for others as soon as the lead is released', async () => {
  const counted: string[] = []
  const stopping = new AbortController()
  const stopped = turnOf('w1', async () => {
    stopping.abort()
    throw stopping.signal.reason
  })
  await expect(stopped(stopping.signal)).rejects.toThrow()
  await counting('w2', counted)(signal)
  const before = [...counted]

  await store.release('somebody else')
  await counting('w2', counted)(signal)
  await store.release('w1')
  await counting('w2', counted)(signal)

  expect([before, counted]).toEqual([[], ['w2']])
  expect(await row()).toMatchObject({ holder: 'w2', error: null, failures: 0 })
})

test('a leader that was killed in its turn is replaced after five minutes', async () => {
  const counted: string[] = []
  await store.lead('drafts', 'killed', { everyMs: 60_000, forMs: 300_000 })

  await counting('w2', counted)(signal)
  await later(299_000)
  await counting('w2', counted)(signal)
  await later(1_000)
  await counting('w2', counted)(signal)

  expect(counted).toEqual(['w2'])
})

test('of many workers that find a sweep due at once, one sweeps', async () => {
  const counted: string[] = []

  await Promise.all(['w1', 'w2', 'w3', 'w4'].map((holder) => counting(holder, counted)(signal)))

  expect(counted).toHaveLength(1)
})

test('the next turn comes when its time is over, whoever has it', async () => {
  const counted: string[] = []
  await counting('w1', counted)(signal)
  await counting('w1', counted)(signal)
  await counting('w2', counted)(signal)
  await later(60_000)

  await counting('w2', counted, { deleted: 1 })(signal)

  expect(counted).toEqual(['w1', 'w2'])
  expect(await row()).toMatchObject({ holder: 'w2', did: { deleted: 1 }, error: null })
})

test('a turn that goes well takes the error of the last one away, and keeps its count', async () => {
  await turnOf('w1', () => Promise.reject(new Error('GitHub answered 502')))(signal).catch(() => undefined)
  await later(60_000)

  await counting('w1', [], { deleted: 1 })(signal)

  expect(await row()).toMatchObject({ did: { deleted: 1 }, error: null, failures: 1 })
})
