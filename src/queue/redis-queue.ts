// The queue on a Redis stream with one consumer group. Redis 6.2 or newer, or Valkey.
//
// What must always hold:
// - An entry leaves the stream only through `settle`, by its owner. No MAXLEN: trimming would drop waiting jobs.
// - Every change of an entry that somebody may own is one script (`scripts/`): look and change with nothing between.
// - Each trouble with reading ends the connection. The next read opens a new one, and with it looks whether this Redis is fit
//   and makes the stream and the group if they are gone (after a flush, or a restart without persistence). The consumer
//   pauses after an error, so a group that vanishes again and again costs one turn a second.
//
// Races we accept: a read whose reply is lost leaves entries pending that nobody here knows of, and a take-over that fails half-way
// does the same. Both come back when they have been idle for a lease.
import type { Redis } from 'ioredis'
import { group, queueKeys, type QueueKeys } from './keys.ts'
import { type Depth, type Entry, type Hold, type JobId, type Lease, type QueueConnection, isJobId } from './queue.ts'
import { createCommandClient, openBlockingClient, UnfitRedisError } from './redis-connection.ts'
import { enqueue } from './scripts/enqueue.ts'
import { extend } from './scripts/extend.ts'
import { forgetConsumers } from './scripts/forget-consumers.ts'
import { hold } from './scripts/hold.ts'
import { postpone } from './scripts/postpone.ts'
import { runScript, type Script } from './scripts/script.ts'
import { settle } from './scripts/settle.ts'
import { takeOver } from './scripts/take-over.ts'
import { redisTimeMs, staleEntries, unlessNoGroup } from './stale-entries.ts'
import type { QueueLog } from './work.ts'

export interface RedisQueueOptions {
  /** `redis://…` or `rediss://…`. */
  url: string
  /** Queues of different names share nothing. */
  name?: string
  /** Random per process. */
  consumer: string
  /** An entry idle for longer may be taken over. */
  leaseMs: number
  log: QueueLog
  /** How long `take` waits. Finite, or a deaf socket would be waited on for ever. */
  blockMs?: number
}

/** A worker that was killed leaves its name in the group; so long after its last word it is forgotten. */
const forgetAfterMs = 3_600_000

/**
 * Rejects when this Redis must not hold the queue (too old, or allowed to evict), with what to change. When Redis is away it
 * says so in the log and goes on: everything that Redis would hold stands in Postgres, and each reader asks again.
 */
export async function createRedisQueue(options: RedisQueueOptions): Promise<QueueConnection> {
  try {
    const client = await openBlockingClient(options.url, 0)
    client.disconnect()
  } catch (error) {
    if (error instanceof UnfitRedisError) throw error
    options.log.warn({ err: error }, 'Redis cannot be reached; going on without it until it can')
  }
  return new RedisQueue(options)
}

class RedisQueue implements QueueConnection {
  readonly consumer: string
  readonly #url: string
  readonly #keys: QueueKeys
  readonly #leaseMs: number
  readonly #blockMs: number
  readonly #commands: Redis
  #reader: Redis | undefined
  #closed = false

  constructor({ blockMs = 2000, consumer, leaseMs, name = 'q', url }: RedisQueueOptions) {
    this.consumer = consumer
    this.#url = url
    this.#keys = queueKeys(name)
    this.#leaseMs = leaseMs
    this.#blockMs = blockMs
    this.#commands = createCommandClient(url)
  }

  async enqueue(jobId: JobId): Promise<'added' | 'present'> {
    if (!isJobId(jobId)) throw new TypeError(`not a job id: ${jobId.slice(0, 80)}`)
    return (await this.#run(enqueue, jobId, [group, jobId])) === 1 ? 'added' : 'present'
  }

  /** Throws on every trouble; pause before calling again. */
  async take(count: number): Promise<Entry[]> {
    const reader = await this.#openReader()
    try {
      const who = ['GROUP', group, this.consumer] as const
      const limits = ['COUNT', count, 'BLOCK', this.#blockMs] as const
      const reply = await reader.xreadgroup(...who, ...limits, 'STREAMS', this.#keys.stream, '>')
      return (reply?.[0]?.[1] ?? []).map(([id, fields]) => toEntry(id, fields ?? []))
    } catch (error) {
      this.#reader = undefined
      reader.disconnect()
      throw error
    }
  }

  async takeOver(count: number): Promise<Entry[]> {
    const taken: Entry[] = []
    for await (const id of staleEntries(this.#commands, this.#keys, this.#leaseMs)) {
      const reply = await this.#run(takeOver, undefined, [group, this.consumer, id, this.#leaseMs])
      if (Array.isArray(reply)) taken.push(toEntry(id, Array.isArray(reply[1]) ? reply[1].map(String) : []))
      if (taken.length >= count) break
    }
    return taken
  }

  async hold(entry: Entry, epoch: number): Promise<Lease | undefined> {
    if (entry.jobId === undefined) throw new TypeError(`entry ${entry.id} names no job`)
    const held = (await this.#run(hold, entry.jobId, [group, this.consumer, entry.id, epoch])) === 1
    return held ? { entry, jobId: entry.jobId, epoch } : undefined
  }

  async extend(items: readonly (Entry | Lease)[]): Promise<Hold[]> {
    if (items.length === 0) return []
    const pairs = items.flatMap((item) => [entryOf(item).id, epochOf(item)])
    const answers = await this.#run(extend, undefined, [group, this.consumer, ...pairs])
    return answers as Hold[] // the script answers just these words, one for each pair
  }

  async settle(item: Entry | Lease): Promise<boolean> {
    const { id, jobId } = entryOf(item)
    return (await this.#run(settle, jobId, [group, this.consumer, id, epochOf(item)])) === 1
  }

  async postpone(item: Entry | Lease, delayMs: number): Promise<boolean> {
    const { id, jobId } = entryOf(item)
    const args = [group, this.consumer, id, epochOf(item), Math.ceil(delayMs)]
    return (await this.#run(postpone, jobId, args)) === 1
  }

  async depth(): Promise<Depth> {
    const { due, stream } = this.#keys
    const now = await redisTimeMs(this.#commands)
    const [length, [pending], dueLater] = await Promise.all([
      this.#commands.xlen(stream),
      unlessNoGroup(this.#commands.xpending(stream, group), [0]),
      this.#commands.zcount(due, now + 1, '+inf'),
    ])
    return { length, pending: Number(pending), dueLater }
  }

  /** What is still pending here stays pending, and is taken over when it is due or a lease old. */
  async close(): Promise<void> {
    this.#closed = true
    this.#reader?.disconnect()
    // When Redis is away the name stays for an hour: no harm.
    await this.#forgetConsumers(this.#commands, this.consumer).catch(() => undefined)
    this.#commands.disconnect()
  }

  async #openReader(): Promise<Redis> {
    if (this.#reader) return this.#reader
    const reader = await openBlockingClient(this.#url, this.#blockMs)
    try {
      await createGroup(reader, this.#keys.stream)
      await this.#forgetConsumers(reader, '')
      if (this.#closed) throw new Error('the queue is closed')
    } catch (error) {
      reader.disconnect()
      throw error
    }
    this.#reader = reader
    return reader
  }

  #run(script: Script, jobId: JobId | undefined, args: (string | number)[]): Promise<unknown> {
    const { due, epochs, job, stream } = this.#keys
    // No job has the empty id; a script that is given it finds nothing there.
    return runScript(this.#commands, script, { keys: [stream, epochs, due, job(jobId ?? '')], args })
  }

  #forgetConsumers(client: Redis, consumer: string): Promise<unknown> {
    const args = [group, consumer, forgetAfterMs]
    return runScript(client, forgetConsumers, { keys: [this.#keys.stream], args })
  }
}

async function createGroup(client: Redis, stream: string): Promise<void> {
  try {
    await client.xgroup('CREATE', stream, group, '0', 'MKSTREAM')
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('BUSYGROUP')) throw error
  }
}

/** `fields` as Redis gives them: name, value, name, value. */
function toEntry(id: string, fields: string[]): Entry {
  const jobId = fields.find((_, index) => index % 2 === 1 && fields[index - 1] === 'job')
  const raw = JSON.stringify(fields).slice(0, 2000)
  return { id, jobId: jobId !== undefined && isJobId(jobId) ? jobId : undefined, raw }
}

const entryOf = (item: Entry | Lease): Entry => ('entry' in item ? item.entry : item)
const epochOf = (item: Entry | Lease): string => ('entry' in item ? String(item.epoch) : '')
