// What only a Redis stream can get wrong: entries that are forgotten, consumers that pile up, a Redis that is unfit.
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { group, queueKeys } from '../../src/queue/keys.ts'
import type { QueueConnection } from '../../src/queue/queue.ts'
import { createRedisQueue } from '../../src/queue/redis-queue.ts'
import { runScript } from '../../src/queue/scripts/script.ts'
import { takeOver } from '../../src/queue/scripts/take-over.ts'
import { createKeptLog } from '../support/log.ts'
import { type PrivateRedis, startRedis, testRedis } from '../support/real.ts'
import type { QueueHarness } from './contract.ts'
import { createRedisHarness } from './redis-harness.ts'

const { prefix, url } = testRedis()
let redis: Redis
let harness: QueueHarness
let queue: QueueConnection
let other: QueueConnection
let keys: ReturnType<typeof queueKeys>
let tests = 0

beforeEach(async () => {
  const name = `${prefix}-${++tests}`
  keys = queueKeys(name)
  redis = new Redis(url)
  harness = createRedisHarness({ url, name })
  queue = await harness.connect()
  other = await harness.connect()
})

afterEach(async () => {
  await harness.close()
  redis.disconnect()
})

const options = (of: PrivateRedis) => ({ url: of.url, consumer: 'c1', leaseMs: 1000, log: createKeptLog() })

test('a Redis that evicts keys is refused, with the setting and the cure', async () => {
  const evicting = await startRedis({ maxmemoryPolicy: 'allkeys-lru' })

  const refused = createRedisQueue(options(evicting))

  await expect(refused).rejects.toThrow(/maxmemory-policy allkeys-lru.*CONFIG SET maxmemory-policy noeviction/)
  await evicting.stop()
})

test('a Redis that evicts keys is refused also where CONFIG is forbidden', async () => {
  const evicting = await startRedis({
    maxmemoryPolicy: 'volatile-lru',
    args: ['--rename-command', 'CONFIG', ''],
  })

  const refused = createRedisQueue(options(evicting))

  await expect(refused).rejects.toThrow('maxmemory-policy volatile-lru')
  await evicting.stop()
})

test('a Redis that began to evict while it was away is not read from', async () => {
  const server = await startRedis()
  const reader = await createRedisQueue({ ...options(server), blockMs: 50 })
  const admin = new Redis(server.url)
  await admin.config('SET', 'maxmemory-policy', 'allkeys-lru')

  const read = reader.take(1)

  await expect(read).rejects.toThrow('maxmemory-policy allkeys-lru')
  await reader.close()
  admin.disconnect()
  await server.stop()
})

test('a queue name that could leave the hash tag is refused', () => {
  expect(() => queueKeys('q}:x')).toThrow('not a queue name')
})

test.each([
  ['has no job', ['task', '1']],
  ['has a job that is no id', ['job', '../1']],
  ['has an id that no row can have', ['job', '1234567890123456789']],
])('an entry that %s is given out without a job, and with what it holds', async (_, fields) => {
  const id = await redis.xadd(keys.stream, '*', ...fields)

  const entries = await queue.take(1)

  expect(entries).toEqual([{ id, jobId: undefined, raw: JSON.stringify(fields) }])
})

test('what is kept of an entry that cannot be understood is cut', async () => {
  await redis.xadd(keys.stream, '*', 'blob', 'x'.repeat(100_000))

  const entries = await queue.take(1)

  expect(entries[0]?.raw).toHaveLength(2000)
})

test('an entry with fields of a later version is understood', async () => {
  await redis.xadd(keys.stream, '*', 'trace', 'job', 'job', '7')

  const entries = await queue.take(1)

  expect(entries[0]?.jobId).toBe('7')
})

test('a job whose consumer was deleted with its pending entries is put on the stream again', async () => {
  await queue.enqueue('1')
  await queue.take(1)
  await redis.xgroup('DELCONSUMER', keys.stream, group, queue.consumer)

  const answer = await queue.enqueue('1')

  expect(answer).toBe('added')
  expect(await redis.xlen(keys.stream)).toBe(1)
  expect(await other.take(1)).toMatchObject([{ jobId: '1' }])
})

test('a job that the group was moved past is put on the stream again', async () => {
  await queue.take(1)
  await queue.enqueue('1')
  await redis.xgroup('SETID', keys.stream, group, '$')

  const answer = await queue.enqueue('1')

  expect(answer).toBe('added')
  expect(await other.take(2)).toMatchObject([{ jobId: '1' }])
})

test.each([
  ['in a later millisecond', '999-7', '1000-0'],
  ['in the same millisecond', '1000-9', '1000-10'],
])('a job that was enqueued %s than the last one given out is left where it is', async (_, given, waiting) => {
  await redis.xadd(keys.stream, given, 'job', '1')
  await redis.xadd(keys.stream, waiting, 'job', '2')
  await redis.set(keys.job('2'), waiting)
  await other.take(1)

  const answer = await queue.enqueue('2')

  expect(answer).toBe('present')
})

test('a job whose group was destroyed is left where it is, and read by the next group', async () => {
  await queue.enqueue('1')
  await queue.take(1)
  await redis.xgroup('DESTROY', keys.stream, group)

  const answer = await queue.enqueue('1')

  expect(answer).toBe('present')
  await expect(queue.take(1)).rejects.toThrow('NOGROUP')
  expect(await queue.take(1)).toMatchObject([{ jobId: '1' }])
})

test('a group that is gone fails the read, and nothing else that was said with it', async () => {
  await queue.enqueue('1')
  const [entry] = await queue.take(1)
  await redis.xgroup('DESTROY', keys.stream, group)

  const [settled, taken] = await Promise.allSettled([queue.settle(entry!), queue.take(1)])

  expect(settled).toEqual({ status: 'fulfilled', value: false })
  expect(taken).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('NOGROUP') } })
})

test.each(['settle', 'handBack'] as const)(
  'an entry whose consumer was deleted is gone for its owner, and nothing of it stays: %s',
  async (lastWord) => {
    await queue.enqueue('1')
    const [entry] = await queue.take(1)
    const lease = { entry: entry!, jobId: '1', epoch: 1 }
    await queue.hold(lease)
    await redis.xgroup('DELCONSUMER', keys.stream, group, queue.consumer)

    const answer = await queue[lastWord](lease)

    expect(answer).toBe(false)
    expect(await queue.depth()).toEqual({ length: 0, waiting: 0, pending: 0, dueLater: 0 })
    expect(await redis.exists(keys.job('1'), keys.epochs, keys.due)).toBe(0)
    expect(await queue.enqueue('1')).toBe('added')
  },
)

test('what was postponed before its consumer was deleted does not count as waiting', async () => {
  for (const jobId of ['1', '2', '3']) await queue.enqueue(jobId)
  for (const entry of await queue.take(2)) await queue.postpone(entry, 60_000)

  await redis.xgroup('DELCONSUMER', keys.stream, group, queue.consumer)

  expect(await queue.depth()).toMatchObject({ length: 3, waiting: 1, pending: 0 })
  expect(await queue.enqueue('1')).toBe('added')
})

test('reads that wait together have a connection each, and keep them, also after a trouble', async () => {
  const server = await startRedis()
  const own = await createRedisQueue({ ...options(server), blockMs: 50 })
  await own.depth()
  const admin = new Redis(server.url)
  const readTwice = () => Promise.allSettled([own.take(1), own.take(1)])
  // This test's, the one for everything else, and the two.
  const connected = () =>
    vi.waitFor(async () =>
      expect(
        String(await admin.client('LIST'))
          .trim()
          .split('\n'),
      ).toHaveLength(4),
    )
  await readTwice()
  await readTwice()
  await connected()
  await admin.del(queueKeys('q').stream)

  const refused = await readTwice()
  const read = await readTwice()

  expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(read.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
  await connected()
  await own.close()
  await vi.waitFor(async () =>
    expect(
      String(await admin.client('LIST'))
        .trim()
        .split('\n'),
    ).toHaveLength(1),
  )
  admin.disconnect()
  await server.stop()
})

test('a job whose stream was deleted is put on a new one, and nothing is left of the old entry', async () => {
  await queue.enqueue('1')
  const [entry] = await queue.take(1)
  await queue.hold({ entry: entry!, jobId: '1', epoch: 1 })
  await redis.del(keys.stream)

  const answer = await queue.enqueue('1')

  expect(answer).toBe('added')
  expect(await redis.hlen(keys.epochs)).toBe(0)
})

test('a pending entry that somebody deleted is cleared away instead of taken over', async () => {
  await queue.enqueue('1')
  const [entry] = await queue.take(1)
  await queue.postpone(entry!, 1)
  await redis.xdel(keys.stream, entry!.id)

  const taken = await vi.waitFor(async () => {
    const entries = await other.takeOver(1)
    expect(await redis.zcard(keys.due)).toBe(0)
    return entries
  })

  expect(taken).toEqual([])
  expect(await other.depth()).toEqual({ length: 0, waiting: 0, pending: 0, dueLater: 0 })
})

test('without a stream nothing can be taken over, nothing is pending, and an owner hears that its entry is gone', async () => {
  await queue.enqueue('1')
  const [entry] = await queue.take(1)
  await redis.del(keys.stream)

  const answers = [await queue.takeOver(1), await queue.depth(), await queue.extend([entry!])]

  expect(answers).toEqual([[], { length: 0, waiting: 0, pending: 0, dueLater: 0 }, ['gone']])
})

test('entries that wait for their due time do not hide idle ones behind them', async () => {
  for (let id = 1; id <= 150; id++) await queue.enqueue(String(id))
  const entries = await queue.take(150)
  await Promise.all(entries.slice(0, 149).map((entry) => queue.postpone(entry, 60_000)))
  // As if nobody had heard of any of them for an hour.
  const ids = entries.map((entry) => entry.id)
  await redis.xclaim(keys.stream, group, queue.consumer, 0, ...ids, 'IDLE', 3_600_000, 'JUSTID')

  const taken = await other.takeOver(1)

  expect(taken).toMatchObject([{ jobId: '150' }])
})

test('an entry that was let go of while somebody was about to take it over waits for its due time', async () => {
  await queue.enqueue('1')
  const [entry] = await queue.take(1)
  await queue.postpone(entry!, 60_000)

  const reply = await runScript(redis, takeOver, {
    keys: [keys.stream, keys.epochs, keys.due],
    args: [group, other.consumer, entry!.id, 0],
  })

  expect(reply).toBeNull()
})

test('extending an entry neither delivers it again nor counts as a delivery', async () => {
  await queue.enqueue('1')
  const [entry] = await queue.take(1)

  await queue.extend([entry!])

  const rows = await redis.xpending(keys.stream, group, '-', '+', 1)
  expect(rows).toMatchObject([[entry!.id, queue.consumer, expect.any(Number), 1]])
})

test('nothing is left in Redis of a job that was settled', async () => {
  await queue.enqueue('1')
  const [entry] = await queue.take(1)
  const lease = { entry: entry!, jobId: '1', epoch: 1 }
  await queue.hold(lease)

  await queue.settle(lease)

  const left = await redis.keys(`{${prefix}-${tests}}:*`)
  expect(left).toEqual([keys.stream])
  expect(await redis.xlen(keys.stream)).toBe(0)
})

test('a consumer that closes leaves the group when nothing is pending for it, and stays when something is', async () => {
  await queue.enqueue('1')
  await queue.enqueue('2')
  await queue.take(1)
  const [entry] = await other.take(1)
  await other.settle(entry!)

  await Promise.all([queue.close(), other.close()])

  const consumers = await redis.xinfo('CONSUMERS', keys.stream, group)
  expect(JSON.stringify(consumers)).toContain(queue.consumer)
  expect(JSON.stringify(consumers)).not.toContain(other.consumer)
})

test('an entry that cannot be understood is handed back to whoever looks for what may be taken over', async () => {
  await redis.xadd(keys.stream, '*', 'task', 'unknown')
  const [entry] = await queue.take(1)

  const handedBack = await queue.handBack(entry!)

  expect(handedBack).toBe(true)
  expect(await other.takeOver(1)).toMatchObject([{ jobId: undefined }])
})

test('of more than a thousand entries of its own a consumer can still settle each', async () => {
  for (let id = 1; id <= 1100; id++) await queue.enqueue(String(id))
  const entries = await queue.take(1100)
  await redis.xclaim(keys.stream, group, other.consumer, 0, entries[1098]!.id)

  const settled = await Promise.all(entries.slice(1097).map((entry) => queue.settle(entry)))

  expect(settled).toEqual([true, false, true])
})

test('the scripts come back by themselves after SCRIPT FLUSH', async () => {
  await queue.enqueue('1')
  await redis.script('FLUSH')

  const answer = await queue.enqueue('1')

  expect(answer).toBe('present')
})

test('a consumer that nothing is pending for is forgotten twenty leases after its last word, and no other', async () => {
  await queue.enqueue('1')
  await queue.enqueue('2')
  const [entry] = await queue.take(1)
  await queue.settle(entry!)
  await queue.close()
  await other.take(1)
  await redis.xgroup('CREATECONSUMER', keys.stream, group, 'killed')
  const names = async (): Promise<string[]> =>
    ((await redis.xinfo('CONSUMERS', keys.stream, group)) as string[][]).map((fields) => fields[1] ?? '').toSorted()

  await (await harness.connect()).take(1)
  const before = await names()
  await sleep(21 * harness.leaseMs)
  await (await harness.connect()).take(1)

  expect(before).toContain('killed')
  expect(await names()).not.toContain('killed')
  expect(await names()).toContain(other.consumer)
})
