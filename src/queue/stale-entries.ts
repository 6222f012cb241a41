// Which pending entries may be taken over: first those that are due, then those that nobody has extended for a lease.
import type { Redis } from 'ioredis'
import { group, type QueueKeys } from './keys.ts'

/** So that no single command keeps Redis busy for long. */
const pageSize = 100

/** Ids only, as they looked a moment ago; the script that takes one over looks again. */
export async function* staleEntries(client: Redis, keys: QueueKeys, leaseMs: number): AsyncGenerator<string> {
  yield* await client.zrangebyscore(keys.due, '-inf', await redisTimeMs(client), 'LIMIT', 0, pageSize)
  for (let from = '-'; ;) {
    const page = await client.xpending(keys.stream, group, 'IDLE', leaseMs, from, '+', pageSize).catch(noneWithoutGroup)
    const ids = page.map((row) => String(Array.isArray(row) ? row[0] : ''))
    const last = ids.at(-1)
    if (last === undefined) return
    const due = await client.zmscore(keys.due, ...ids)
    // What has a due time waits for it, however long it has been idle. The script would say so too, one by one.
    yield* ids.filter((_, index) => due[index] === null)
    from = `(${last}`
  }
}

/** Redis's own clock: due times are written by it. */
async function redisTimeMs(client: Redis): Promise<number> {
  const [seconds, microseconds] = await client.time()
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
}

/** The reader makes stream and group. */
function noneWithoutGroup(error: unknown): unknown[] {
  if (error instanceof Error && error.message.startsWith('NOGROUP')) return []
  throw error
}
