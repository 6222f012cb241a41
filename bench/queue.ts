// The queue: adding, processing, pickup, memory; against BullMQ and the bare stream.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Redis } from 'ioredis'
import { startRedis } from '../test/support/servers/redis.ts'
import { type Contender, inFlight, openBullMq, openOurs, openStream, type OpenContender } from './contenders.ts'
import { bar, figures, interleave, quantile, ratio, type Series, table } from './rounds.ts'

const open = { ours: openOurs, bullmq: openBullMq, stream: openStream } satisfies Record<string, OpenContender>
type Name = keyof typeof open
type Results = Record<Name, Series>

export interface QueueSizes {
  rounds: number
  /** In each round. */
  jobs: number
}

export async function benchQueue(sizes: QueueSizes): Promise<void> {
  for (const appendfsync of ['everysec', 'always'] as const) {
    const redis = await startRedis({ appendfsync })
    const admin = new Redis(redis.url)
    try {
      const measured = await throughput(redis.url, sizes, appendfsync === 'everysec' ? [1, 10, 50] : [10])
      report(`queue, AOF ${appendfsync}, jobs a second`, measured)
      const ten = measured.get('process, 10 slots')
      if (appendfsync === 'always') continue
      if (ten) bar('queue port / BullMQ, 10 slots, AOF everysec', ratio(ten.ours, ten.bullmq), { atLeast: 2.5 })
      await pickup(redis.url, sizes)
      await memory(redis.url, admin)
    } finally {
      admin.disconnect()
      await redis.stop()
    }
  }
}

async function throughput(url: string, { jobs, rounds }: QueueSizes, slots: number[]): Promise<Map<string, Results>> {
  const measured = new Map<string, Results>()
  const each = (measure: (contender: Contender) => Promise<number>): Promise<Results> =>
    interleave(rounds, fresh(url, measure))
  measured.set('add, 50 in flight', await each((contender) => timeAdding(contender, jobs)))
  for (const count of slots) {
    const name = `process, ${count} ${count === 1 ? 'slot' : 'slots'}`
    measured.set(name, await each((contender) => timeProcessing(contender, count, jobs)))
  }
  return measured
}

/** Each measurement on an empty Redis, with connections of its own. */
function fresh(url: string, measure: (contender: Contender) => Promise<number>): Record<Name, () => Promise<number>> {
  const once = (name: Name) => async (): Promise<number> => {
    const admin = new Redis(url)
    await admin.flushall()
    admin.disconnect()
    const contender = await open[name](url, 'bench')
    try {
      return await measure(contender)
    } finally {
      await contender.close()
    }
  }
  return { ours: once('ours'), bullmq: once('bullmq'), stream: once('stream') }
}

async function timeAdding(contender: Contender, jobs: number): Promise<number> {
  const started = performance.now()
  await inFlight(jobs, contender.add)
  return (jobs * 1000) / (performance.now() - started)
}

/** Counted after the last job is gone from Redis, not when its function ran. */
async function timeProcessing(contender: Contender, slots: number, jobs: number): Promise<number> {
  await contender.fill(jobs)
  return (jobs * 1000) / (await runAll(contender, slots, jobs))
}

/** Answers how long it took, in ms; starting the worker is part of it, stopping it is not. */
async function runAll(contender: Contender, slots: number, jobs: number): Promise<number> {
  const started = performance.now()
  let ran = 0
  const allRan = Promise.withResolvers<void>()
  const stop = await contender.work(slots, async () => {
    if (++ran === jobs) allRan.resolve()
  })
  await allRan.promise
  while (!(await contender.isEmpty()));
  const takenMs = performance.now() - started
  await stop()
  return takenMs
}

/** From the call that adds a job to the first line of it, for a worker that waits. */
async function pickup(url: string, { rounds }: QueueSizes): Promise<void> {
  const p50: Results = { ours: [], bullmq: [], stream: [] }
  const measure =
    (name: Name) =>
    async (contender: Contender): Promise<number> => {
      const times = await pickupTimes(contender, 300)
      p50[name].push(quantile(times, 0.5))
      return quantile(times, 0.99)
    }
  const p99 = await interleave(rounds, {
    ours: fresh(url, measure('ours')).ours,
    bullmq: fresh(url, measure('bullmq')).bullmq,
    stream: fresh(url, measure('stream')).stream,
  })
  // Without the round that warms up.
  for (const series of Object.values(p50)) series.shift()
  const row = (name: Name): string[] => [label[name], figures(p50[name], 2), figures(p99[name], 2)]
  table(['pickup, ms', 'p50', 'p99'], [row('ours'), row('bullmq'), row('stream')])
}

async function pickupTimes(contender: Contender, count: number): Promise<number[]> {
  let started = Promise.withResolvers<void>()
  const stop = await contender.work(10, async () => started.resolve())
  const times: number[] = []
  for (let id = 1; id <= count; id++) {
    started = Promise.withResolvers()
    const addedAt = performance.now()
    await Promise.all([contender.add(id), started.promise.then(() => times.push(performance.now() - addedAt))])
    while (!(await contender.isEmpty()));
  }
  await stop()
  return times
}

/** What 10,000 waiting jobs cost Redis, what stays when they are done, and what stays in the worker's heap. */
async function memory(url: string, admin: Redis): Promise<void> {
  const jobs = 10_000
  const rows: string[][] = []
  for (const name of ['ours', 'bullmq', 'stream'] as const) {
    await admin.flushall()
    const contender = await open[name](url, 'bench')
    const empty = await usedBytes(admin)
    await contender.fill(jobs)
    const waiting = (await usedBytes(admin)) - empty
    await runAll(contender, 10, jobs)
    const left = (await usedBytes(admin)) - empty
    const heapBefore = heapBytes()
    await contender.fill(jobs)
    await runAll(contender, 10, jobs)
    rows.push([label[name], `${Math.round(waiting / jobs)} B`, kib(left), kib(heapBytes() - heapBefore)])
    await contender.close()
  }
  table(['memory over 10,000 jobs', 'Redis, for each that waits', 'Redis, when all are done', 'heap, kept'], rows)
}

const kib = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`

async function usedBytes(admin: Redis): Promise<number> {
  return Number(/^used_memory_dataset:(\d+)/m.exec(await admin.info('memory'))?.[1])
}

setFlagsFromString('--expose-gc')
// `as`: V8 made it this moment, and no type knows of it.
const collectGarbage = runInNewContext('gc') as () => void

/** After the garbage has gone. */
function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

const label: Record<Name, string> = { ours: 'Plumbline', bullmq: 'BullMQ 6.7.0', stream: 'bare stream' }

function report(title: string, measured: ReadonlyMap<string, Results>): void {
  const rows = [...measured].map(([what, { bullmq, ours, stream }]) => [
    what,
    ...[ours, bullmq, stream].map((series) => figures(series)),
    ratio(ours, bullmq).toFixed(2),
    ratio(ours, stream).toFixed(2),
  ])
  table([title, label.ours, label.bullmq, label.stream, '/ BullMQ', '/ stream'], rows)
}
