// What a worker holds after 2,000 and after 10,000 reviews that were claimed, run and ended in Postgres and Redis.
import { startProcess } from '../test/support/processes.ts'
import { startPostgres } from '../test/support/servers/postgres.ts'
import { startRedis } from '../test/support/servers/redis.ts'
import { bar, table } from './rounds.ts'
import { freshDatabase } from './webhook.ts'

interface Sample {
  reviews: number
  /** Bytes, after the garbage has gone. */
  heapUsed: number
  rss: number
}

export async function benchMemory(): Promise<void> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis({ appendfsync: 'everysec' })])
  try {
    const database = await freshDatabase(postgres, 'memory')
    const worker = startProcess('bench/memory-worker.ts', { NODE_OPTIONS: '--expose-gc' }, [database, redis.url])
    if ((await worker.ended) !== 0) throw new Error(worker.lines.join('\n'))
    report(worker.lines.map((line) => JSON.parse(line) as Sample))
  } finally {
    await Promise.all([postgres.stop(), redis.stop()])
  }
}

function report(samples: Sample[]): void {
  const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1)
  const rows = samples.map(({ heapUsed, reviews, rss }) => [reviews.toLocaleString('en-US'), mib(heapUsed), mib(rss)])
  table(['reviews that a worker has ended, after 2,000 to warm up', 'heap, MiB', 'resident, MiB'], rows)
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last) throw new Error('the worker measured nothing')
  bar('heap after 10,000 reviews / after 2,000', last.heapUsed / first.heapUsed, { atMost: 1.1 })
  bar('resident after 10,000 reviews / after 2,000', last.rss / first.rss, { atMost: 1.1 })
}
