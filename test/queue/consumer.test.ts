// The loop against a real stream, with a record that a test can break.
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSystemClock } from '../../src/clock.ts'
import { type Consumer, createConsumer } from '../../src/queue/consumer.ts'
import { queueKeys } from '../../src/queue/keys.ts'
import type { Entry, Queue, QueueConnection } from '../../src/queue/queue.ts'
import { createRedisQueue } from '../../src/queue/redis-queue.ts'
import type { Ending, Work } from '../../src/queue/work.ts'
import { createManualClock } from '../support/clock.ts'
import { createKeptLog, type KeptLog } from '../support/log.ts'
import { testRedis } from '../support/real.ts'
import type { QueueHarness } from './contract.ts'
import { createJobRecord, type JobRecord, type JobRow, runUntilAborted } from './record.ts'
import { createRedisHarness } from './redis-harness.ts'

const clock = createSystemClock()
/** Long: nothing in these tests comes back because a lease ran out. */
const leaseMs = 60_000

let harness: QueueHarness
let queue: QueueConnection
let other: QueueConnection
let record: JobRecord
let log: KeptLog
let name: string
const consumers: Consumer[] = []

beforeEach(async () => {
  const { prefix, url } = testRedis()
  name = prefix
  harness = createRedisHarness({ url, name, leaseMs })
  queue = await harness.connect()
  other = await harness.connect()
  record = createJobRecord({ clock, leaseMs })
  log = createKeptLog()
})

afterEach(async () => {
  await Promise.all(consumers.splice(0).map((consumer) => consumer.stop({ graceMs: 0 })))
  await harness.close()
})

function startConsumer(work: Work, slots = 2, of: Queue = queue): Consumer {
  const consumer = createConsumer({ queue: of, work, slots, leaseMs, reclaimEveryMs: 20, clock, log })
  consumer.start()
  consumers.push(consumer)
  return consumer
}

/** Something happens to the stream between a job's claim and its hold. */
function afterClaim(work: Work, happens: (redis: Redis, stream: string) => Promise<unknown>): Work {
  return {
    ...work,
    async claim(jobId) {
      const claim = await work.claim(jobId)
      const redis = new Redis(testRedis().url)
      await happens(redis, queueKeys(name).stream)
      redis.disconnect()
      return claim
    },
  }
}

const ended = (jobId: string) =>
  vi.waitFor(() => expect(record.rows.get(jobId)).toMatchObject({ status: 'ended' }), 5000)
const started = (runs: number) => vi.waitFor(() => expect(record.runs).toHaveLength(runs), 5000)
const empty = () => vi.waitFor(async () => expect(await other.depth()).toMatchObject({ length: 0, pending: 0 }), 5000)

test('a claim that fails leaves the entry pending, slows the loop down and does not end it', async () => {
  const work = record.work()
  const claim = vi.fn(work.claim).mockRejectedValueOnce(new Error('the record is away'))
  await queue.enqueue('1')
  startConsumer({ ...work, claim })
  await vi.waitFor(() => expect(log.lines).toMatchObject([{ text: 'a job was dropped; its entry stays pending' }]))

  await queue.enqueue('2')

  await ended('2')
  expect(await other.depth()).toMatchObject({ length: 1, pending: 1 })
})

test('while the record is away the stream is not read empty', async () => {
  for (let id = 1; id <= 20; id++) await queue.enqueue(String(id))
  const claim = vi.fn(() => Promise.reject(new Error('the record is away')))

  startConsumer({ ...record.work(), claim })

  await vi.waitFor(() => expect(claim.mock.calls.length).toBeGreaterThanOrEqual(4), 5000)
  expect((await other.depth()).pending).toBeLessThan(10)
})

test('a job whose entry went to another consumer during the claim goes on, and whoever has the entry settles it', async () => {
  await queue.enqueue('1')
  // As if this process had been paused for longer than a lease.
  let id = ''
  const takenAway = afterClaim(record.work(), async (redis, stream) => {
    const [pending] = await redis.xpending(stream, 'workers', '-', '+', 1)
    id = String(Array.isArray(pending) ? pending[0] : '')
    await redis.xclaim(stream, 'workers', other.consumer, 0, id)
  })

  startConsumer(takenAway)

  await ended('1')
  expect(log.lines).toMatchObject([{ text: 'the entry went to somebody else; the job goes on' }])
  expect(await other.depth()).toMatchObject({ length: 1, pending: 1 })
  // As its consumer does when the row says that it has ended.
  expect(await other.settle({ id, jobId: '1', raw: '' })).toBe(true)
  await empty()
})

test('a job whose epoch cannot be recorded goes on: the record says that it is ours', async () => {
  await queue.enqueue('1')

  startConsumer(record.work(), 1, { ...portOf(queue), hold: () => Promise.reject(new Error('Redis is away')) })

  await ended('1')
  expect(log.lines).toMatchObject([{ text: 'the epoch could not be noted on the entry; the job goes on' }])
})

test('a job whose entry is gone when its epoch is to be recorded goes on', async () => {
  await queue.enqueue('1')

  startConsumer(afterClaim(record.work(), (redis, stream) => redis.del(stream)))

  await ended('1')

  expect(record.runs).toHaveLength(1)
  expect(log.lines.map((line) => line.text)).not.toContain('the entry went to somebody else; the job goes on')
})

test('a job that lost its row lets go of its entry at once', async () => {
  await queue.enqueue('1')
  const lost = record.work(async ({ jobId }) => {
    // As a cancel does.
    record.rows.set(jobId, { status: 'ended', epoch: 2, beatAtMs: 0 })
    return { kind: 'lost' }
  })

  startConsumer(lost)

  await empty()
  expect(record.runs).toHaveLength(1)
})

test('a job that is to be tried again at once waits for its turn, and is no loop', async () => {
  await queue.enqueue('1')

  startConsumer(record.work(async () => (record.runs.length < 3 ? { kind: 'later', delayMs: 0 } : { kind: 'ended' })))

  await vi.waitFor(() => expect(record.runs.length).toBeGreaterThanOrEqual(1))
  expect(await other.take(1)).toEqual([])
  await ended('1')
})

test('a claim that was answered late counts from when it was sent, however well its entry was extended', async () => {
  const manual = createManualClock()
  const goOn = Promise.withResolvers<void>()
  const running = Promise.withResolvers<AbortSignal>()
  const work = record.work((_, signal) => {
    running.resolve(signal)
    return runUntilAborted(_, signal)
  })
  await queue.enqueue('1')
  const consumer = createConsumer({
    queue: { ...portOf(queue), extend: async (items) => items.map(() => 'mine') },
    work: {
      ...work,
      async claim(jobId) {
        const claim = await work.claim(jobId)
        await goOn.promise
        return claim
      },
      beat: () => new Promise(() => undefined),
    },
    slots: 1,
    leaseMs: 600,
    clock: manual,
    log,
  })
  consumer.start()
  await vi.waitFor(() => expect(record.rows.get('1')).toMatchObject({ status: 'running' }))
  for (let tick = 1; tick <= 3; tick++) await manual.advance(100)
  goOn.resolve()
  const signal = await running.promise
  const before = signal.aborted

  await manual.advance(100)

  expect([before, signal.aborted]).toEqual([false, true])
  const stopped = consumer.stop({ graceMs: 0 })
  await manual.advance(5000)
  await stopped
})

test('an entry that cannot be recorded as rejected is not removed', async () => {
  const redis = new Redis(testRedis().url)
  await redis.xadd(queueKeys(name).stream, '*', 'task', 'unknown')
  redis.disconnect()

  startConsumer({ ...record.work(), reject: () => Promise.reject(new Error('the record is away')) })

  await vi.waitFor(() => expect(log.lines).not.toEqual([]))
  expect(await other.depth()).toMatchObject({ length: 1, pending: 1 })
})

test('a job that has ended already is settled without a run', async () => {
  record.rows.set('1', { status: 'ended', epoch: 3, beatAtMs: 0 })
  await queue.enqueue('1')

  startConsumer(record.work())

  await empty()
  expect(record.runs).toEqual([])
})

test('a job that somebody else runs is due when that one would be silent', async () => {
  record.rows.set('1', { status: 'running', epoch: 3, beatAtMs: clock.monotonicMs() })
  await queue.enqueue('1')

  startConsumer(record.work())

  await vi.waitFor(async () => expect(await other.depth()).toEqual({ length: 1, waiting: 0, pending: 1, dueLater: 1 }))
  expect(record.runs).toEqual([])
})

test('no more is read than there are free slots', async () => {
  for (let id = 1; id <= 5; id++) await queue.enqueue(String(id))

  startConsumer(record.work(runUntilAborted), 2)

  await started(2)
  expect(await other.depth()).toMatchObject({ length: 5, pending: 2 })
})

test('a slot that becomes free is filled at once', async () => {
  const finish = Promise.withResolvers<Ending>()
  await queue.enqueue('1')
  startConsumer(
    record.work((held) => (held.jobId === '1' ? finish.promise : Promise.resolve({ kind: 'ended' }))),
    1,
  )
  await started(1)
  await queue.enqueue('2')

  finish.resolve({ kind: 'ended' })

  await ended('2')
  await empty()
})

test('a slot takes its next entry while the end of the last one is still being settled', async () => {
  await queue.enqueue('1')
  await queue.enqueue('2')
  const consumer = createConsumer({
    queue: { ...portOf(queue), settle: () => new Promise(() => undefined) },
    work: record.work(),
    slots: 1,
    leaseMs,
    clock,
    log,
  })

  consumer.start()

  await ended('2')
  await consumer.stop({ graceMs: 0 })
})

test('stopping waits for what ends within the grace', async () => {
  const finish = Promise.withResolvers<Ending>()
  await queue.enqueue('1')
  const consumer = startConsumer(record.work(() => finish.promise))
  await started(1)

  const stopped = consumer.stop({ graceMs: 10_000 })
  finish.resolve({ kind: 'ended' })
  await stopped

  expect(record.rows.get('1')).toMatchObject({ status: 'ended' })
  expect(await other.depth()).toMatchObject({ length: 0, pending: 0 })
})

test('stopping hands the rest back at once: the row is queued, and another consumer has the entry', async () => {
  await queue.enqueue('1')
  const consumer = startConsumer(record.work(runUntilAborted))
  await started(1)

  await consumer.stop({ graceMs: 0 })

  expect(record.rows.get('1')).toMatchObject({ status: 'queued', epoch: 1 })
  expect(await other.take(1)).toMatchObject([{ jobId: '1' }])
})

test('stopping hands back also what does not listen to its signal', async () => {
  await queue.enqueue('1')
  const deaf = (): Promise<Ending> => new Promise(() => undefined)
  const consumer = startConsumer(record.work(deaf))
  await started(1)

  await consumer.stop({ graceMs: 0 })

  expect(record.rows.get('1')).toMatchObject({ status: 'queued' })
  expect(await other.take(1)).toMatchObject([{ jobId: '1' }])
})

test('stopping hands back what is being claimed', async () => {
  const work = record.work()
  const claiming = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  await queue.enqueue('1')
  const consumer = startConsumer({
    ...work,
    async claim(jobId) {
      claiming.resolve()
      await goOn.promise
      return work.claim(jobId)
    },
  })
  await claiming.promise

  const stopped = consumer.stop({ graceMs: 0 })
  await clock.sleep(1)
  goOn.resolve()
  await stopped

  expect(record.runs).toEqual([])
  expect(record.rows.get('1')).toMatchObject({ status: 'queued' })
  expect(await other.take(1)).toMatchObject([{ jobId: '1' }])
})

test('an entry that arrives with the last read is handed back unclaimed', async () => {
  await queue.enqueue('1')
  const reading = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const consumer = createConsumer({
    queue: {
      ...portOf(queue),
      async take(count) {
        reading.resolve()
        await goOn.promise
        return queue.take(count)
      },
    },
    work: record.work(),
    slots: 1,
    leaseMs,
    clock,
    log,
  })
  consumer.start()
  await reading.promise

  const stopped = consumer.stop({ graceMs: 5000 })
  goOn.resolve()
  await stopped

  expect(record.rows.size).toBe(0)
  expect(await other.take(1)).toMatchObject([{ jobId: '1' }])
})

test('the loop says when it last turned, busy or idle', async () => {
  await queue.enqueue('1')
  const consumer = startConsumer(record.work(runUntilAborted), 1)
  await started(1)
  const before = clock.monotonicMs()

  await vi.waitFor(() => expect(consumer.loopTurnedAtMs).toBeGreaterThan(before), 5000)
})

test('of two loops the one that is stuck counts', async () => {
  let reads = 0
  const stuck = Promise.withResolvers<Entry[]>()
  const take = (count: number) => (++reads === 1 ? stuck.promise : queue.take(count))
  const consumer = startConsumer(record.work(), 2, { ...portOf(queue), take })
  await queue.enqueue('1')
  await ended('1')
  const stuckAtMs = consumer.loopTurnedAtMs

  await queue.enqueue('2')
  await ended('2')

  expect(consumer.loopTurnedAtMs).toBe(stuckAtMs)
  stuck.resolve([])
})

test('two loops together never ask for more than the free slots', async () => {
  const inHand = { asked: 0, taken: 0, most: 0 }
  const counted = (read: (count: number) => Promise<Entry[]>) => async (count: number) => {
    inHand.asked += count
    inHand.most = Math.max(inHand.most, inHand.asked + inHand.taken)
    const entries = await read(count)
    inHand.taken += entries.length
    inHand.asked -= count
    return entries
  }
  const port = portOf(queue)
  const settle: Queue['settle'] = (item) => {
    inHand.taken--
    return port.settle(item)
  }
  for (let id = 1; id <= 60; id++) await queue.enqueue(String(id))
  await other.take(20)
  for (const entry of await other.take(20)) await other.postpone(entry, 0)

  startConsumer(record.work(), 3, { ...port, take: counted(port.take), takeOver: counted(port.takeOver), settle })

  await ended('60')
  await ended('40')
  expect(inHand.most).toBe(3)
})

test('both loops take over what is due', async () => {
  for (let id = 1; id <= 4; id++) await queue.enqueue(String(id))
  for (const entry of await other.take(4)) await other.postpone(entry, 0)
  const consumer = createConsumer({
    queue,
    work: record.work(runUntilAborted),
    slots: 4,
    leaseMs,
    reclaimEveryMs: leaseMs,
    clock,
    log,
  })
  consumers.push(consumer)

  consumer.start()

  await started(4)
})

test('idle loops turn within a lease, however short that is', async () => {
  const short = { leaseMs: 600, log }
  const own = await createRedisQueue({ ...short, url: testRedis().url, name, consumer: 'idle' })
  const consumer = createConsumer({ ...short, queue: own, work: record.work(), slots: 2, clock })
  consumer.start()
  let oldestMs = 0
  for (const until = clock.monotonicMs() + 1500; clock.monotonicMs() < until; await clock.sleep(5))
    oldestMs = Math.max(oldestMs, clock.monotonicMs() - consumer.loopTurnedAtMs)

  await consumer.stop({ graceMs: 0 })
  await own.close()
  expect(oldestMs).toBeLessThan(600)
})

test('a busy loop turns three times in a lease, however short that is: else its worker looks dead', async () => {
  const manual = createManualClock()
  const turns: number[] = []
  await queue.enqueue('1')
  const consumer = createConsumer({
    queue,
    work: record.work(runUntilAborted),
    slots: 1,
    leaseMs: 600,
    clock: manual,
    log,
  })
  consumer.start()
  await started(1)

  for (let third = 1; third <= 3; third++) {
    await manual.advance(200)
    turns.push(consumer.loopTurnedAtMs)
  }

  expect(turns).toEqual([200, 400, 600])
  const stopped = consumer.stop({ graceMs: 0 })
  await manual.advance(5000)
  await stopped
})

/** The port's methods as an object's own, so that a test may replace one. */
function portOf(of: QueueConnection) {
  return {
    enqueue: (jobId: string) => of.enqueue(jobId),
    take: (count: number) => of.take(count),
    takeOver: (count: number) => of.takeOver(count),
    hold: (...args: Parameters<QueueConnection['hold']>) => of.hold(...args),
    extend: (...args: Parameters<QueueConnection['extend']>) => of.extend(...args),
    settle: (...args: Parameters<QueueConnection['settle']>) => of.settle(...args),
    postpone: (...args: Parameters<QueueConnection['postpone']>) => of.postpone(...args),
    handBack: (...args: Parameters<QueueConnection['handBack']>) => of.handBack(...args),
  }
}

test('a job that shall run alone waits for what runs, and what was read meanwhile goes to others', async () => {
  const beside: string[][] = []
  const busy = new Set<string>()
  const first = Promise.withResolvers<void>()
  const work = record.work(async ({ jobId }) => {
    busy.add(jobId)
    if (jobId === '1') await first.promise
    beside.push([...busy])
    if (jobId === '2') {
      await other.enqueue('3')
      await vi.waitFor(async () => expect(await other.take(1)).toHaveLength(1), 5000)
      beside.push([...busy])
    }
    busy.delete(jobId)
    return { kind: 'ended' }
  })
  const claim = async (jobId: string) => ({ ...(await work.claim(jobId)), alone: jobId === '2' })
  await queue.enqueue('1')
  startConsumer({ ...work, claim }, 3)
  await started(1)

  await queue.enqueue('2')
  // Put back: whatever ends this process now is nothing that this job has done.
  await vi.waitFor(() => expect(record.rows.get('2')).toMatchObject({ status: 'queued', epoch: 1 }), 5000)
  expect(record.runs).toHaveLength(1)
  first.resolve()

  await ended('2')
  expect(beside).toEqual([['1'], ['2'], ['2']])
})

test('a job that waits to be alone is handed back when the process stops', async () => {
  const work = record.work(runUntilAborted)
  const claim = async (jobId: string) => ({ ...(await work.claim(jobId)), alone: jobId === '2' })
  await queue.enqueue('1')
  const consumer = startConsumer({ ...work, claim }, 3)
  await started(1)
  await queue.enqueue('2')
  await vi.waitFor(() => expect(record.rows.get('2')).toMatchObject({ status: 'queued', epoch: 1 }), 5000)

  await consumer.stop({ graceMs: 0 })

  expect(record.rows.get('2')).toMatchObject({ status: 'queued' })
  const handedBack = [...(await other.takeOver(2)), ...(await other.take(2))]
  expect(handedBack.map((entry) => entry.jobId).toSorted()).toEqual(['1', '2'])
})

test('of two jobs that shall run alone the second one is nobody’s until the first one has ended', async () => {
  const finish = Promise.withResolvers<Ending>()
  const work = record.work(({ jobId }) => (jobId === '1' ? finish.promise : Promise.resolve({ kind: 'ended' })))
  await queue.enqueue('1')
  await queue.enqueue('2')
  startConsumer({ ...work, claim: async (jobId) => ({ ...(await work.claim(jobId)), alone: true }) }, 2)
  await started(1)
  const meanwhile: Partial<JobRow> = { ...record.rows.get('2') }

  finish.resolve({ kind: 'ended' })

  await ended('2')
  // Read and put back, or not read at all: nothing is read beside a job that is alone.
  expect([undefined, 'queued']).toContain(meanwhile.status)
})
