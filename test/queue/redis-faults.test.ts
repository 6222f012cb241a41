// Redis killed, flushed, paused, cut off. A consumer runs against it all the time and must come back by itself.
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSystemClock } from '../../src/clock.ts'
import { type Consumer, createConsumer } from '../../src/queue/consumer.ts'
import { group, queueKeys } from '../../src/queue/keys.ts'
import type { QueueConnection } from '../../src/queue/queue.ts'
import { createRedisQueue } from '../../src/queue/redis-queue.ts'
import { createKeptLog, type KeptLog } from '../support/log.ts'
import { type PrivateRedis, startRedis } from '../support/real.ts'
import { startProxy, type Proxy } from './proxy.ts'
import { createJobRecord, type JobRecord } from './record.ts'

const leaseMs = 1000
const clock = createSystemClock()
const keys = queueKeys('q')
let server: PrivateRedis
let proxy: Proxy
let log: KeptLog
let record: JobRecord
let consumer: Consumer
let queue: QueueConnection

beforeEach(async () => {
  server = await startRedis({ appendfsync: 'always' })
  proxy = await startProxy(server.url)
  log = createKeptLog()
  record = createJobRecord({ clock, leaseMs })
  queue = await connect('c1')
  consumer = createConsumer({ queue, work: record.work(), slots: 2, leaseMs, clock, log })
})

afterEach(async () => {
  await consumer.stop({ graceMs: 0 })
  await queue.close()
  await proxy.close()
  await server.stop()
})

function connect(name: string): Promise<QueueConnection> {
  return createRedisQueue({ url: proxy.url, consumer: name, leaseMs, blockMs: 200, log })
}

const ended = (jobId: string) =>
  vi.waitFor(() => expect(record.rows.get(jobId)).toMatchObject({ status: 'ended' }), 10_000)

/** Runs one job, so that every connection is there. */
async function warmUp(): Promise<void> {
  consumer.start()
  await queue.enqueue('1')
  await ended('1')
}

async function admin<T>(act: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(server.url)
  try {
    return await act(redis)
  } finally {
    redis.disconnect()
  }
}

test('redis-server killed with SIGKILL and started again: the consumer goes on', async () => {
  await warmUp()

  await server.kill9()
  await expect(queue.enqueue('2')).rejects.toThrow()
  await server.restart()
  await vi.waitFor(() => queue.enqueue('2'), 5000)

  await ended('2')
})

test('what was on the stream before redis-server was killed is run afterwards', async () => {
  await queue.enqueue('1')
  await server.restart()

  consumer.start()

  await ended('1')
})

test('a job that was running while redis-server was killed ends, runs once, and is settled afterwards', async () => {
  const finish = Promise.withResolvers<void>()
  consumer = createConsumer({
    queue,
    work: record.work(async () => {
      await finish.promise
      return { kind: 'ended' }
    }),
    slots: 2,
    leaseMs,
    clock,
    log,
  })
  consumer.start()
  await queue.enqueue('1')
  await vi.waitFor(() => expect(record.runs).toHaveLength(1), 5000)

  await server.kill9()
  finish.resolve()
  await ended('1')
  await server.restart()

  await vi.waitFor(async () => expect(await queue.depth()).toMatchObject({ length: 0, pending: 0 }), 10_000)
  expect(record.runs).toHaveLength(1)
})

test('a job goes on whose entry another worker took over after an outage, and that one settles it', async () => {
  const finish = Promise.withResolvers<boolean>()
  const aborted: boolean[] = []
  const work = record.work(async (_, signal) => {
    await finish.promise
    aborted.push(signal.aborted)
    return { kind: 'ended' }
  })
  consumer = createConsumer({ queue, work, slots: 1, leaseMs, clock, log })
  consumer.start()
  await queue.enqueue('1')
  await vi.waitFor(() => expect(record.runs).toHaveLength(1), 5000)

  await server.kill9()
  await sleep(1.5 * leaseMs)
  await server.restart()
  const other = await connect('c2')
  const taker = createConsumer({ queue: other, work, slots: 1, leaseMs, clock, log })
  // Whoever is first: the taker, or a beat of the owner.
  await admin(async (redis) => {
    const [entry] = await redis.xrange(keys.stream, '-', '+')
    await redis.xclaim(keys.stream, group, 'c2', 0, entry?.[0] ?? '')
  })
  taker.start()
  await sleep(2 * leaseMs)
  finish.resolve(true)

  await ended('1')
  await vi.waitFor(async () => expect(await queue.depth()).toMatchObject({ length: 0, pending: 0 }), 10_000)
  await taker.stop({ graceMs: 0 })
  await other.close()
  expect(aborted).toEqual([false])
  expect(record.runs).toHaveLength(1)
})

test('enqueueing fails soon while redis-server does not answer', async () => {
  await warmUp()
  server.signal('SIGSTOP')
  const before = clock.monotonicMs()

  const enqueued = queue.enqueue('2')

  await expect(enqueued).rejects.toThrow('timed out')
  expect(clock.monotonicMs() - before).toBeLessThan(4000)
  server.signal('SIGCONT')
})

test('enqueueing fails at once while redis-server is gone', async () => {
  await warmUp()
  await server.kill9()
  const before = clock.monotonicMs()

  const enqueued = queue.enqueue('2')

  await expect(enqueued).rejects.toThrow()
  // The next attempt to connect is at most a second away.
  expect(clock.monotonicMs() - before).toBeLessThan(1500)
})

test('redis-server paused for longer than a read blocks: the consumer goes on', async () => {
  await warmUp()
  server.signal('SIGSTOP')
  await vi.waitFor(() => expect(log.lines.some((line) => line.level === 'warn')).toBe(true), 10_000)

  server.signal('SIGCONT')
  await vi.waitFor(() => queue.enqueue('2'), 10_000)

  await ended('2')
})

test('FLUSHALL: the consumer makes its group anew and goes on', async () => {
  await warmUp()

  await admin((redis) => redis.flushall())
  await queue.enqueue('2')

  await ended('2')
})

test('a deleted stream, again and again, costs each loop a turn a second and no more', async () => {
  await warmUp()
  const before = clock.monotonicMs()

  await admin(async (redis) => {
    const deleted = setInterval(() => void redis.del(keys.stream), 20)
    await vi.waitFor(() => expect(log.lines.length).toBeGreaterThanOrEqual(8), 15_000)
    clearInterval(deleted)
  })

  expect(log.lines.map((line) => line.text)).toContain('a turn of the consumer loop failed')
  expect(log.lines.length / ((clock.monotonicMs() - before) / 1000)).toBeLessThan(3)
  await queue.enqueue('2')
  await ended('2')
})

test('a destroyed group: what was on the stream is read by the new one', async () => {
  await warmUp()

  await admin((redis) => redis.xgroup('DESTROY', keys.stream, group))
  await queue.enqueue('2')

  await ended('2')
})

test('a consumer that is deleted while it waits is back with the next entry', async () => {
  await warmUp()

  await admin((redis) => redis.xgroup('DELCONSUMER', keys.stream, group, queue.consumer))
  await queue.enqueue('2')

  await ended('2')
})

test('the reply to an enqueue is lost: asking again adds no second entry', async () => {
  await queue.enqueue('1')
  proxy.cutNextReply()
  await expect(queue.enqueue('2')).rejects.toThrow()

  const again = await vi.waitFor(() => queue.enqueue('2'), 5000)

  expect(again).toBe('present')
  expect(await queue.depth()).toMatchObject({ length: 2 })
})

test('the reply to a read is lost: the entry comes back after a lease and runs once', async () => {
  await queue.take(1)
  await admin((redis) => redis.xadd(keys.stream, '*', 'job', '2'))
  proxy.cutNextReply()
  await expect(queue.take(1)).rejects.toThrow()

  consumer.start()

  await ended('2')
  expect(record.runs).toEqual([{ jobId: '2', epoch: 1 }])
})

test('every connection goes deaf without closing: the consumer notices and goes on', async () => {
  await warmUp()

  proxy.silence()
  await admin((redis) => redis.xadd(keys.stream, '*', 'job', '2'))

  await ended('2')
})

test('an entry that cannot be understood is recorded and removed, and the next one runs', async () => {
  await admin((redis) => redis.xadd(keys.stream, '*', 'task', 'unknown'))
  await queue.enqueue('2')

  consumer.start()

  await ended('2')
  expect(record.rejected).toEqual([{ entryId: expect.any(String), raw: '["task","unknown"]' }])
  await vi.waitFor(async () => expect(await queue.depth()).toMatchObject({ length: 0, pending: 0 }), 5000)
})

test('a queue made while Redis is away works as soon as it is there', async () => {
  await server.kill9()
  const early = await connect('early')
  await expect(early.enqueue('1')).rejects.toThrow()
  await server.restart()

  const answer = await vi.waitFor(() => early.enqueue('1'), 5000)

  expect(answer).toBe('added')
  expect(log.lines).toMatchObject([{ text: 'Redis cannot be reached; going on without it until it can' }])
  await early.close()
})
