// Three queues behind one face: ours, BullMQ, and the stream itself with nothing around it.
import { randomBytes } from 'node:crypto'
import { Queue as BullQueue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { createSystemClock } from '../src/clock.ts'
import { createConsumer } from '../src/queue/consumer.ts'
import { createRedisQueue } from '../src/queue/redis-queue.ts'
import type { Held, QueueLog, Work } from '../src/queue/work.ts'

/** Ours when nothing else is said, and BullMQ's: how long a silent worker keeps its job. */
export const leaseMs = 30_000

export interface Contender {
  add(id: number): Promise<unknown>
  /** Ids 1 to `count`, as fast as it can. */
  fill(count: number): Promise<void>
  /** Starts a worker. `run` is the job; the job has ended when it is resolved. Answers how to stop the worker. */
  work(slots: number, run: (id: number) => Promise<void>): Promise<() => Promise<unknown>>
  /** Nothing waits, and nothing is under way. */
  isEmpty(): Promise<boolean>
  close(): Promise<unknown>
}

export type OpenContender = (url: string, name: string) => Promise<Contender>

export const quiet: QueueLog = { info: () => undefined, warn: () => undefined }

/** The record in memory: always willing. What Postgres adds is measured apart. */
export function createWillingWork(run: (held: Held) => Promise<void>): Work {
  return {
    claim: async () => ({ kind: 'claimed', epoch: 1 }),
    run: async (held) => {
      await run(held)
      return { kind: 'ended' }
    },
    release: async () => undefined,
    beat: async (held) => held.map((one) => one.jobId),
    reject: async () => undefined,
  }
}

/** The queue port with its consumer, as `src/worker.ts` puts them together. */
export const openOurs: OpenContender = async (url, name) => {
  const consumer = `c-${randomBytes(6).toString('hex')}`
  const queue = await createRedisQueue({ url, name, consumer, leaseMs, log: quiet })
  return {
    add: (id) => queue.enqueue(String(id)),
    fill: (count) => inFlight(count, (id) => queue.enqueue(String(id))),
    async work(slots, run) {
      const work = createWillingWork((held) => run(Number(held.jobId)))
      const loop = createConsumer({ queue, work, slots, leaseMs, clock: createSystemClock(), log: quiet })
      loop.start()
      return () => loop.stop({ graceMs: 0 })
    },
    async isEmpty() {
      return (await queue.depth()).length === 0
    },
    close: () => queue.close(),
  }
}

/** With its defaults, but for finished jobs: they go, as ours do. */
export const openBullMq: OpenContender = async (url, name) => {
  const { hostname: host, port } = new URL(url)
  const connection = { host, port: Number(port) }
  const queue = new BullQueue(name, { connection, defaultJobOptions: { removeOnComplete: true, removeOnFail: true } })
  queue.on('error', () => undefined)
  await queue.waitUntilReady()
  return {
    add: (id) => queue.add('review', { id }),
    async fill(count) {
      const jobs = Array.from({ length: count }, (_, index) => ({ name: 'review', data: { id: index + 1 } }))
      for (let from = 0; from < count; from += 1000) await queue.addBulk(jobs.slice(from, from + 1000))
    },
    async work(slots, run) {
      const worker = new Worker<{ id: number }>(name, (job) => run(job.data.id), {
        connection: { ...connection, maxRetriesPerRequest: null },
        concurrency: slots,
      })
      worker.on('error', () => undefined)
      await worker.waitUntilReady()
      return () => worker.close(true)
    },
    async isEmpty() {
      const { active = 0, waiting = 0 } = await queue.getJobCounts('active', 'waiting')
      return active + waiting === 0
    },
    close: () => queue.close(),
  }
}

/** XADD, XREADGROUP for the free slots, XACK and XDEL. No owner is asked, no epoch kept, no death noticed: the floor. */
export const openStream: OpenContender = async (url, name) => {
  const client = new Redis(url)
  await client.xgroup('CREATE', name, 'g', '0', 'MKSTREAM')
  return {
    add: (id) => client.xadd(name, '*', 'job', id),
    fill: (count) => inFlight(count, (id) => client.xadd(name, '*', 'job', id)),
    async work(slots, run) {
      const reader = new Redis(url, { replyMapping: 'legacy' })
      const loop = readStream({ reader, client, name, slots, run })
      return async () => {
        reader.disconnect()
        await loop
      }
    },
    isEmpty: async () => (await client.xlen(name)) === 0,
    close: async () => client.disconnect(),
  }
}

interface StreamReading {
  reader: Redis
  client: Redis
  name: string
  slots: number
  run: (id: number) => Promise<void>
}

async function readStream({ client, name, reader, run, slots }: StreamReading): Promise<void> {
  const running = new Set<Promise<void>>()
  async function bringToEnd(entry: string, id: number): Promise<void> {
    await run(id)
    await Promise.all([client.xack(name, 'g', entry), client.xdel(name, entry)])
  }
  try {
    for (;;) {
      if (running.size === slots) await Promise.race(running)
      const limits = ['COUNT', slots - running.size, 'BLOCK', 2000] as const
      const reply = await reader.xreadgroup('GROUP', 'g', 'c', ...limits, 'STREAMS', name, '>')
      for (const [entry, fields] of reply?.[0]?.[1] ?? []) {
        const ended = bringToEnd(entry, Number(fields?.[1])).finally(() => running.delete(ended))
        running.add(ended)
      }
    }
  } catch (error) {
    // How it is stopped.
    if (reader.status !== 'end') throw error
  }
}

/** Calls it for 1 to `count`, fifty at once. */
export async function inFlight(count: number, call: (id: number) => Promise<unknown>): Promise<void> {
  let next = 1
  const lane = async (): Promise<void> => {
    while (next <= count) await call(next++)
  }
  await Promise.all(Array.from({ length: 50 }, lane))
}
