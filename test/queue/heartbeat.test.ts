import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createHeartbeat, type Heartbeat } from '../../src/queue/heartbeat.ts'
import type { Entry, Lease, Ownership } from '../../src/queue/queue.ts'
import { createSlot, type Slot } from '../../src/queue/slot.ts'
import type { Held } from '../../src/queue/work.ts'
import { createManualClock, type ManualClock } from '../support/clock.ts'
import { createKeptLog, type KeptLog } from '../support/log.ts'

const leaseMs = 600

let clock: ManualClock
let log: KeptLog
let slots: Set<Slot>
let heartbeat: Heartbeat
/** What the record and the queue answer; a test replaces what goes wrong. */
let beat: (held: readonly Held[]) => Promise<string[]>
let extend: (items: readonly (Entry | Lease)[]) => Promise<Ownership[]>

beforeEach(() => {
  clock = createManualClock()
  log = createKeptLog()
  slots = new Set()
  beat = async (held) => held.map((one) => one.jobId)
  extend = async (items) => items.map(() => 'mine')
  heartbeat = createHeartbeat({
    slots,
    leaseMs,
    clock,
    log,
    work: { beat: (held) => beat(held) },
    queue: { extend: (items) => extend(items) },
  })
  heartbeat.start()
})

afterEach(() => heartbeat.stop())

function readSlot(jobId: string): Slot {
  const slot = createSlot({ id: `${jobId}-0`, jobId, raw: '' }, clock.monotonicMs())
  slots.add(slot)
  return slot
}

/** Its epoch is still being recorded on the entry. */
function claimedSlot(jobId: string, epoch = 1): Slot {
  const slot = readSlot(jobId)
  slot.held = { jobId, epoch }
  return slot
}

function heldSlot(jobId: string, epoch = 1): Slot {
  const slot = claimedSlot(jobId, epoch)
  slot.lease = { entry: slot.entry, jobId, epoch }
  return slot
}

/** In steps, as time goes: the loop sleeps again after each. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += leaseMs / 6) await clock.advance(leaseMs / 6)
}

const never = () => new Promise<never>(() => undefined)

test('a job that the record does not answer for is aborted, and the others go on', async () => {
  const mine = heldSlot('1')
  const lost = heldSlot('2')
  beat = async () => ['1']

  await pass(leaseMs / 3)

  expect([mine.abort.signal.aborted, lost.abort.signal.aborted]).toEqual([false, true])
})

test('a job whose entry another consumer has taken over goes on: that one asks the record, too', async () => {
  const slot = heldSlot('1')
  extend = async () => ['lost']

  await pass(3 * leaseMs)

  expect(slot.abort.signal.aborted).toBe(false)
})

test('a job whose entry the queue has forgotten goes on: the record still says that it is ours', async () => {
  const slot = heldSlot('1')
  extend = async () => ['gone']

  await pass(3 * leaseMs)

  expect(slot.abort.signal.aborted).toBe(false)
})

test('a job whose epoch the queue never noted goes on, and is aborted when the record does not answer for it', async () => {
  const slot = claimedSlot('1')
  extend = async () => ['lost']

  await pass(3 * leaseMs)
  const before = slot.abort.signal.aborted
  beat = async () => []
  await pass(leaseMs / 3)

  expect([before, slot.abort.signal.aborted]).toEqual([false, true])
})

test('a job goes on while the queue is away, because the record answers', async () => {
  const slot = heldSlot('1')
  extend = () => Promise.reject(new Error('Redis is away'))

  await pass(3 * leaseMs)

  expect(slot.abort.signal.aborted).toBe(false)
  expect(log.lines).toContainEqual(expect.objectContaining({ text: 'a heartbeat failed' }))
})

test('without a good beat for two thirds of the lease the job is aborted, and not before', async () => {
  const slot = heldSlot('1')
  beat = () => Promise.reject(new Error('the record is away'))

  await pass(leaseMs / 2)
  const before = slot.abort.signal.aborted
  await pass(leaseMs / 6)

  expect([before, slot.abort.signal.aborted]).toEqual([false, true])
})

test('a beat that hangs does not keep the job from being aborted', async () => {
  const slot = heldSlot('1')
  beat = never

  await pass((leaseMs * 2) / 3)

  expect(slot.abort.signal.aborted).toBe(true)
})

test('a single beat that fails aborts nothing: another one follows in time', async () => {
  const slot = heldSlot('1')
  const answers = vi.fn(async (held: readonly Held[]) => held.map((one) => one.jobId))
  answers.mockRejectedValueOnce(new Error('the record blinked'))
  beat = answers

  await pass(3 * leaseMs)

  expect(slot.abort.signal.aborted).toBe(false)
})

test('a beat goes out every third of the lease, not more often', async () => {
  heldSlot('1')
  const answers = vi.fn(async (held: readonly Held[]) => held.map((one) => one.jobId))
  beat = answers

  await pass(2 * leaseMs)

  expect(answers).toHaveBeenCalledTimes(6)
})

test('a beat that hangs does not keep the next one from getting through', async () => {
  const slot = heldSlot('1')
  const answers = vi.fn(async (held: readonly Held[]) => held.map((one) => one.jobId)).mockImplementationOnce(never)
  beat = answers

  await pass(3 * leaseMs)

  expect(slot.abort.signal.aborted).toBe(false)
})

test('a late answer counts from when the beat was sent', async () => {
  const slot = heldSlot('1')
  const late = Promise.withResolvers<string[]>()
  const answers = vi.fn(never).mockImplementationOnce(() => late.promise as Promise<never>)
  beat = answers

  await pass(leaseMs / 2)
  late.resolve(['1'])
  await pass(leaseMs / 3)
  const before = slot.abort.signal.aborted
  await pass(leaseMs / 6)

  // Sent after one third: two thirds later it is over, whenever the answer came.
  expect([before, slot.abort.signal.aborted]).toEqual([false, true])
})

test('a job that was aborted is not kept alive any more, even when it does not stop', async () => {
  const slot = heldSlot('1')
  beat = async () => []
  await pass(leaseMs / 3)
  const extended: unknown[] = []
  extend = async (items) => {
    extended.push(...items)
    return items.map(() => 'mine')
  }

  await pass(leaseMs)

  expect(slot.abort.signal.aborted).toBe(true)
  expect(extended).toEqual([])
})

test('an entry whose claim is under way is extended without being beaten for', async () => {
  const slot = readSlot('1')
  const beaten: Held[] = []
  beat = async (held) => {
    beaten.push(...held)
    return []
  }

  await pass(3 * leaseMs)

  expect(slot.abort.signal.aborted).toBe(false)
  expect(beaten).toEqual([])
})

test('an entry whose epoch is just being recorded may be answered as lost, and is not aborted for it', async () => {
  const slot = readSlot('1')
  extend = async () => ['lost']

  await pass(leaseMs / 3)

  expect(slot.abort.signal.aborted).toBe(false)
})

test('an entry whose claim takes longer than two thirds of the lease, without being extended, is aborted', async () => {
  const slot = readSlot('1')
  extend = () => Promise.reject(new Error('Redis is away'))

  await pass((leaseMs * 2) / 3)

  expect(slot.abort.signal.aborted).toBe(true)
})
