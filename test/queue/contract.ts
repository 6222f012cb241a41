// What every queue promises, whatever is behind it. The same tests run against each.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSystemClock } from '../../src/clock.ts'
import { type Consumer, createConsumer } from '../../src/queue/consumer.ts'
import type { Entry, Lease, QueueConnection } from '../../src/queue/queue.ts'
import type { Ending, Work } from '../../src/queue/work.ts'
import { createKeptLog } from '../support/log.ts'
import { createJobRecord, type JobRecord } from './record.ts'

export interface QueueHarness {
  /** Short, so that a test can see it end: a few hundred milliseconds. */
  readonly leaseMs: number
  /** Another consumer of the same queue. `take` on it waits a few tens of milliseconds at most. */
  connect(): Promise<QueueConnection>
  /** Closes everything that was connected. */
  close(): Promise<void>
}

const clock = createSystemClock()

function leaseOf(entry: Entry, epoch: number): Lease {
  if (entry.jobId === undefined) throw new Error(`entry ${entry.id} names no job`)
  return { entry, jobId: entry.jobId, epoch }
}

export function queueContract(name: string, makeHarness: () => Promise<QueueHarness>): void {
  let harness: QueueHarness
  let queue: QueueConnection
  let other: QueueConnection
  let record: JobRecord
  const consumers: Consumer[] = []

  beforeEach(async () => {
    harness = await makeHarness()
    queue = await harness.connect()
    other = await harness.connect()
    record = createJobRecord({ clock, leaseMs: harness.leaseMs })
  })

  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.stop({ graceMs: 0 })))
    await harness.close()
  })

  function startConsumer(of: QueueConnection, work: Work): Consumer {
    const { leaseMs } = harness
    const log = createKeptLog()
    const consumer = createConsumer({ queue: of, work, slots: 2, leaseMs, reclaimEveryMs: 20, clock, log })
    consumer.start()
    consumers.push(consumer)
    return consumer
  }

  async function takeOne(from: QueueConnection): Promise<Entry> {
    const entry = (await from.take(1))[0]
    if (!entry) throw new Error('nothing was there to take')
    return entry
  }

  async function holdOne(from: QueueConnection, epoch: number): Promise<Lease> {
    const lease = leaseOf(await takeOne(from), epoch)
    if ((await from.hold(lease)) !== 'mine') throw new Error('not held')
    return lease
  }

  /** Waits until an entry may be taken over. */
  function takeOverOne(by: QueueConnection): Promise<Entry> {
    return vi.waitFor(async () => {
      const entry = (await by.takeOver(1))[0]
      if (!entry) throw new Error('nothing may be taken over yet')
      return entry
    }, 5000)
  }

  describe(`the queue's contract, kept by ${name}`, () => {
    describe('an owner that lost its entry', () => {
      test('to another consumer can neither hold, extend, postpone nor settle it', async () => {
        await queue.enqueue('1')
        const lost = await holdOne(queue, 1)
        const entry = await takeOverOne(other)
        const lease = leaseOf(entry, 2)
        await other.hold(lease)

        const tried = {
          hold: await queue.hold({ ...lost, epoch: 3 }),
          extend: await queue.extend([lost, lost.entry]),
          postpone: await queue.postpone(lost, 1),
          handBack: await queue.handBack(lost),
          settle: await queue.settle(lost),
          settleUnheld: await queue.settle(lost.entry),
        }

        expect(tried).toEqual({
          hold: 'lost',
          extend: ['lost', 'lost'],
          postpone: false,
          handBack: false,
          settle: false,
          settleUnheld: false,
        })
        expect(await other.settle(lease)).toBe(true)
      })

      test('to its own process, under a higher epoch, can neither hold, extend, postpone nor settle it', async () => {
        await queue.enqueue('1')
        const lost = await holdOne(queue, 1)
        const lease = leaseOf(await takeOverOne(queue), 2)
        await queue.hold(lease)

        const tried = {
          hold: await queue.hold(lost),
          extend: await queue.extend([lost]),
          postpone: await queue.postpone(lost, 1),
          handBack: await queue.handBack(lost),
          settle: await queue.settle(lost),
        }

        expect(tried).toEqual({ hold: 'lost', extend: ['lost'], postpone: false, handBack: false, settle: false })
        expect(await queue.extend([lease])).toEqual(['mine'])
      })

      test('before another epoch was recorded can not settle it with its old one', async () => {
        await queue.enqueue('1')
        const lost = await holdOne(queue, 1)
        const again = await takeOverOne(queue)

        const settled = await queue.settle(lost)

        expect(settled).toBe(false)
        expect(await queue.settle(again)).toBe(true)
      })

      test('before any epoch was recorded can neither extend, postpone nor settle it', async () => {
        await queue.enqueue('1')
        const lost = await takeOne(queue)
        const taken = await takeOverOne(other)

        const tried = [await queue.extend([lost]), await queue.handBack(lost), await queue.settle(lost)]

        expect(tried).toEqual([['lost'], false, false])
        expect(await other.settle(taken)).toBe(true)
      })

      test('because it let go of it can neither extend nor settle it', async () => {
        await queue.enqueue('1')
        const lease = await holdOne(queue, 1)
        await queue.postpone(lease, 60_000)

        const tried = [await queue.extend([lease]), await queue.settle(lease), await queue.handBack(lease)]

        expect(tried).toEqual([['lost'], false, false])
        expect(await queue.depth()).toEqual({ length: 1, waiting: 0, pending: 1, dueLater: 1 })
      })

      test('says so beside others that still have theirs: each is answered for itself', async () => {
        for (const jobId of ['1', '2', '3', '4']) await queue.enqueue(jobId)
        const [lost, mine, unheld, ...rest] = await queue.take(4)
        await queue.postpone(lost!, 1)
        await takeOverOne(other)

        const tried = await Promise.all([
          queue.settle(lost!),
          queue.hold(leaseOf(lost!, 1)),
          queue.settle(mine!),
          queue.hold(leaseOf(unheld!, 1)),
          queue.take(1),
        ])

        expect(tried).toMatchObject([false, 'lost', true, 'mine', []])
        expect(rest).toMatchObject([{ jobId: '4' }])
        expect(await other.depth()).toMatchObject({ length: 3, pending: 3 })
      })

      test('after it was settled hears that the queue does not know it', async () => {
        await queue.enqueue('1')
        const lease = await holdOne(queue, 1)
        await queue.settle(lease)

        const tried = [
          await queue.extend([lease]),
          await queue.hold({ ...lease, epoch: 2 }),
          await queue.settle(lease),
          await queue.handBack(lease),
        ]

        expect(tried).toEqual([['gone'], 'gone', false, false])
      })
    })

    describe('a job that begins before its epoch is recorded', () => {
      test('is held and settled in one turn, and nothing is left of it', async () => {
        await queue.enqueue('1')
        const lease = leaseOf(await takeOne(queue), 1)

        const answers = await Promise.all([queue.hold(lease), queue.settle(lease)])

        expect(answers).toEqual(['mine', true])
        expect(await queue.depth()).toEqual({ length: 0, waiting: 0, pending: 0, dueLater: 0 })
      })

      test('cannot be settled in the turn in which its hold is refused', async () => {
        await queue.enqueue('1')
        const entry = await takeOne(queue)
        await takeOverOne(other)

        const lease = leaseOf(entry, 1)

        const answers = await Promise.all([queue.hold(lease), queue.settle(lease), queue.settle(leaseOf(entry, 1))])

        expect(answers).toEqual(['lost', false, false])
        expect(await other.depth()).toMatchObject({ length: 1, pending: 1 })
      })

      test('is settled once, however often that is said in a turn', async () => {
        await queue.enqueue('1')
        const entry = await takeOne(queue)
        const lease = leaseOf(entry, 1)

        const early = await Promise.all([queue.hold(lease), queue.settle(entry)])
        const answers = await Promise.all([queue.settle(lease), queue.settle(lease)])

        expect([early, answers]).toEqual([
          ['mine', false],
          [true, false],
        ])
        expect(await queue.depth()).toEqual({ length: 0, waiting: 0, pending: 0, dueLater: 0 })
      })

      test('is held for one claim only, in the order in which it is said', async () => {
        await queue.enqueue('1')
        const entry = await takeOne(queue)

        const older = leaseOf(entry, 1)
        const answers = await Promise.all([queue.hold(older), queue.hold(leaseOf(entry, 2)), queue.settle(older)])

        expect(answers).toEqual(['mine', 'mine', false])
        expect(await queue.settle(leaseOf(entry, 2))).toBe(true)
      })

      test('cannot be held any more in the turn in which it was settled', async () => {
        await queue.enqueue('1')
        const entry = await takeOne(queue)

        const answers = await Promise.all([queue.settle(entry), queue.hold(leaseOf(entry, 1))])

        expect(answers).toEqual([true, 'gone'])
      })

      test('is refused among others that are held and settled in the same turn', async () => {
        for (const jobId of ['1', '2', '3']) await queue.enqueue(jobId)
        const [first, second, third] = (await queue.take(3)).map((entry) => leaseOf(entry, 2))
        await queue.hold(second!)

        const answers = await Promise.all([
          queue.hold(first!),
          queue.hold({ ...second!, epoch: 1 }),
          queue.hold(third!),
          queue.settle(third!),
        ])

        expect(answers).toEqual(['mine', 'lost', 'mine', true])
        expect(await queue.settle(first!)).toBe(true)
        expect(await queue.settle(second!)).toBe(true)
      })
    })

    describe('handing back', () => {
      test('gives the job at once to whoever waits for something new', async () => {
        await queue.enqueue('1')
        const lease = await holdOne(queue, 1)

        const handedBack = await queue.handBack(lease)

        expect(handedBack).toBe(true)
        expect(await takeOne(other)).toMatchObject({ jobId: '1' })
        expect(await other.depth()).toMatchObject({ length: 1, pending: 1 })
      })

      test('lets the job go before those that wait already', async () => {
        await queue.enqueue('1')
        const lease = await holdOne(queue, 1)
        await queue.enqueue('2')

        await queue.handBack(lease)

        expect(await takeOverOne(other)).toMatchObject({ jobId: '1' })
        expect(await queue.settle(lease)).toBe(false)
        expect(await takeOne(queue)).toMatchObject({ jobId: '2' })
      })

      test('leaves one entry of the job, whoever enqueues it meanwhile', async () => {
        await queue.enqueue('1')
        const entry = await takeOne(queue)

        await queue.handBack(entry)

        expect(await other.enqueue('1')).toBe('present')
        expect(await other.depth()).toEqual({ length: 1, waiting: 1, pending: 0, dueLater: 0 })
        expect([await queue.settle(entry), await queue.handBack(entry)]).toEqual([false, false])
      })
    })

    describe('failure', () => {
      test('a job whose ending cannot be recorded is left pending and un-acknowledged', async () => {
        await queue.enqueue('1')

        startConsumer(
          queue,
          record.work(() => Promise.reject(new Error('the record is away'))),
        )

        await vi.waitFor(() => expect(record.runs).toHaveLength(1))
        expect(await other.depth()).toEqual({ length: 1, waiting: 0, pending: 1, dueLater: 0 })
      })

      test('a job that is to be tried later is left pending, with a due time', async () => {
        await queue.enqueue('1')

        startConsumer(
          queue,
          record.work(async () => ({ kind: 'later', delayMs: 60_000 })),
        )

        await vi.waitFor(async () =>
          expect(await other.depth()).toEqual({ length: 1, waiting: 0, pending: 1, dueLater: 1 }),
        )
        expect(record.rows.get('1')).toMatchObject({ status: 'queued' })
      })

      test('a job that fails once is run again, and then acknowledged', async () => {
        await queue.enqueue('1')
        const failOnce = async (): Promise<Ending> =>
          record.runs.length === 1 ? { kind: 'later', delayMs: 20 } : { kind: 'ended' }

        startConsumer(queue, record.work(failOnce))

        await vi.waitFor(async () => expect(await other.depth()).toMatchObject({ length: 0, pending: 0 }), 5000)
        expect(record.runs).toEqual([
          { jobId: '1', epoch: 1 },
          { jobId: '1', epoch: 2 },
        ])
      })
    })

    describe('taking over', () => {
      test('an entry whose consumer fell silent goes to another one', async () => {
        await queue.enqueue('1')
        const entry = await takeOne(queue)

        const taken = await takeOverOne(other)

        expect(taken).toMatchObject({ id: entry.id, jobId: '1' })
      })

      test('an entry is not taken over before it has been idle for a lease', async () => {
        const before = clock.monotonicMs()
        await queue.enqueue('1')
        await takeOne(queue)

        await takeOverOne(other)

        // Redis counts in whole milliseconds.
        expect(clock.monotonicMs() - before).toBeGreaterThan(harness.leaseMs - 2)
      })

      test('only one of many that try at once gets the entry', async () => {
        await queue.enqueue('1')
        await queue.postpone(await takeOne(queue), 1)

        await clock.sleep(5)
        const taken = await Promise.all([queue.takeOver(1), other.takeOver(1), queue.takeOver(1), other.takeOver(1)])

        expect(taken.flat()).toHaveLength(1)
      })

      test('the entries of a consumer that closed are not lost', async () => {
        const leaving = await harness.connect()
        await leaving.enqueue('1')
        await takeOne(leaving)
        await leaving.close()

        const taken = await takeOverOne(other)

        expect(taken.jobId).toBe('1')
      })

      test('no more than asked for are taken over', async () => {
        for (const jobId of ['1', '2', '3']) await queue.enqueue(jobId)
        for (const entry of await queue.take(3)) await queue.postpone(entry, 1)
        await clock.sleep(5)

        const taken = await other.takeOver(2)

        expect(taken.map((entry) => entry.jobId)).toEqual(['1', '2'])
      })
    })

    describe('due times', () => {
      test('an entry is not taken over before it is due, however long it has been idle', async () => {
        await queue.enqueue('1')
        const lease = await holdOne(queue, 1)
        const before = clock.monotonicMs()
        await queue.postpone(lease, 3 * harness.leaseMs)

        await takeOverOne(other)

        // Redis counts in whole milliseconds.
        expect(clock.monotonicMs() - before).toBeGreaterThan(3 * harness.leaseMs - 2)
      })

      test('a due time ends with the take-over: the next one has to wait for a lease again', async () => {
        await queue.enqueue('1')
        await queue.postpone(await takeOne(queue), 1)
        await takeOverOne(other)

        const again = await queue.takeOver(1)

        expect(again).toEqual([])
      })
    })

    describe('enqueueing', () => {
      test('twice adds one entry, also when both happen at once', async () => {
        const answers = await Promise.all([queue.enqueue('1'), other.enqueue('1')])

        expect(answers.toSorted()).toEqual(['added', 'present'])
        expect(await queue.depth()).toMatchObject({ length: 1 })
      })

      test('a job that is pending, or waits for its due time, adds nothing', async () => {
        await queue.enqueue('1')
        const lease = await holdOne(queue, 1)

        const pending = await other.enqueue('1')
        await queue.postpone(lease, 60_000)
        const postponed = await other.enqueue('1')

        expect([pending, postponed]).toEqual(['present', 'present'])
        expect(await other.takeOver(1)).toEqual([])
      })

      test('a job that was put off for long is due: it was cancelled meanwhile, and is wanted again', async () => {
        await queue.enqueue('1')
        await queue.postpone(await holdOne(queue, 1), 3_600_000)

        const answer = await other.enqueue('1')

        expect(answer).toBe('present')
        expect(await other.takeOver(1)).toMatchObject([{ jobId: '1' }])
      })

      test('a job that was settled adds it again', async () => {
        await queue.enqueue('1')
        await queue.settle(await takeOne(queue))

        const answer = await queue.enqueue('1')

        expect(answer).toBe('added')
        expect(await takeOne(other)).toMatchObject({ jobId: '1' })
      })

      test('before anybody has ever read delivers the job to the first who does', async () => {
        await queue.enqueue('1')
        await queue.enqueue('2')

        const entries = await other.take(10)

        expect(entries.map((entry) => entry.jobId)).toEqual(['1', '2'])
      })

      test('something that is no job id is refused', async () => {
        await expect(queue.enqueue('1 or 2')).rejects.toThrow('not a job id')
      })
    })

    describe('running', () => {
      test('a job that ended is acknowledged and removed', async () => {
        await queue.enqueue('1')

        startConsumer(queue, record.work())

        await vi.waitFor(async () =>
          expect(await other.depth()).toEqual({ length: 0, waiting: 0, pending: 0, dueLater: 0 }),
        )
        expect(record.rows.get('1')).toMatchObject({ status: 'ended' })
      })

      test('a job much longer than the lease runs once, though another consumer waits for it', async () => {
        await queue.enqueue('1')
        const work = record.work(async (_, signal) => {
          await clock.sleep(4 * harness.leaseMs, signal)
          return signal.aborted ? { kind: 'lost' } : { kind: 'ended' }
        })

        startConsumer(queue, work)
        startConsumer(other, work)

        await vi.waitFor(() => expect(record.rows.get('1')).toMatchObject({ status: 'ended' }), 10_000)
        expect(record.runs).toHaveLength(1)
      })

      test('no more entries are taken than asked for, and no two consumers get the same', async () => {
        for (const jobId of ['1', '2', '3', '4']) await queue.enqueue(jobId)

        const taken = await Promise.all([queue.take(2), other.take(2)])

        expect(taken.map((entries) => entries.length)).toEqual([2, 2])
        expect(
          taken
            .flat()
            .map((entry) => entry.jobId)
            .toSorted(),
        ).toEqual(['1', '2', '3', '4'])
      })

      test('two who take at once through one connection are given different entries', async () => {
        for (const jobId of ['1', '2', '3']) await queue.enqueue(jobId)

        const taken = await Promise.all([queue.take(2), queue.take(1)])

        const jobIds = taken.flat().map((entry) => entry.jobId)
        expect(jobIds.toSorted()).toEqual(['1', '2', '3'])
      })

      test('many jobs, two consumers: each runs once and nothing is left', async () => {
        const ids = Array.from({ length: 50 }, (_, index) => String(index + 1))
        for (const jobId of ids) await queue.enqueue(jobId)

        startConsumer(queue, record.work())
        startConsumer(other, record.work())

        await vi.waitFor(async () => expect(await queue.depth()).toMatchObject({ length: 0 }), 10_000)
        expect(record.runs.map((run) => Number(run.jobId)).toSorted((a, b) => a - b)).toEqual(ids.map(Number))
      })
    })
  })
}
