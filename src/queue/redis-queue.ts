// The queue on a Redis stream with one consumer group. Redis 6.2 or newer, or Valkey.
//
// What must always hold:
// - An entry leaves the stream only through its owner, who settles it or hands it back; one that is pending for nobody, which nobody
//   would ever read, through whoever meets it. No MAXLEN: trimming would drop waiting jobs.
// - Every change of an entry that somebody may own is one script (`scripts/`): look and change with nothing between. What is
//   said in one turn of the event loop is one script, too. It waits for nothing but the end of that turn, and a read goes before it.
// - A read blocks only when there was nothing to take a moment ago, and on a connection that no other read has meanwhile.
// - Each trouble with reading ends the connection that blocks. The next read opens a new one, and with it looks whether this
//   Redis is fit and makes the stream and the group if they are gone (after a flush, or a restart without persistence). The
//   consumer pauses after an error, so a group that vanishes again and again costs each of its loops one turn a second.
//
// Races we accept: a read whose reply is lost leaves entries pending that nobody here knows of, and a take-over that fails half-way
// does the same. Both come back when they have been idle for a lease.
import type { Redis } from 'ioredis'
import { createBatch, endOfTurn } from './scripts/batch.ts'
import { group, queueKeys, type QueueKeys } from './keys.ts'
import {
  type Depth,
  type Entry,
  type JobId,
  type Lease,
  type Ownership,
  type QueueConnection,
  entryOf,
  isJobId,
} from './queue.ts'
import { createCommandClient, openBlockingClient, UnfitRedisError } from './redis-connection.ts'
import { depth } from './scripts/depth.ts'
import { enqueue } from './scripts/enqueue.ts'
import { extend } from './scripts/extend.ts'
import { forgetConsumers } from './scripts/forget-consumers.ts'
import { handBack } from './scripts/hand-back.ts'
import { postpone } from './scripts/postpone.ts'
import { runScript, type Script } from './scripts/script.ts'
import { idAndEpoch, type RawEntry, toEntries, toEntry } from './scripts/stream-entry.ts'
import { takeOver } from './scripts/take-over.ts'
import { turn, type Turn } from './scripts/turn.ts'
import { staleEntries } from './stale-entries.ts'
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
  /** How long `take` waits. Finite, or a deaf socket would be waited on for ever. Half a second, or a third of a shorter lease. */
  blockMs?: number
}

/**
 * A worker that was killed, or stopped with entries that are put off, leaves its name in the group. It is forgotten so many leases after
 * its last word, once nothing is pending for it.
 */
const leasesUntilForgotten = 20

/**
 * Rejects when this Redis must not hold the queue (too old, or allowed to evict), with what to change. When Redis is away it
 * says so in the log and goes on: everything that Redis would hold stands in Postgres, and each reader asks again.
 */
export async function createRedisQueue(options: RedisQueueOptions): Promise<QueueConnection> {
  try {
    const client = await openBlockingClient(options.url, 0, queueKeys(options.name ?? 'q').stream)
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
  readonly #adding = createBatch(
    (): JobId[] => [],
    // `as`: one for each
    async (jobIds) => (await this.#run(enqueue, [group, ...jobIds], jobIds)) as number[],
  )
  readonly #turn = createBatch(
    (): Turn => [],
    (said) => this.#say(said),
  )
  /** Those that block; each belongs to one read at a time. */
  readonly #readers = new Set<Redis>()
  readonly #idleReaders: Redis[] = []
  #closed = false

  constructor({ consumer, leaseMs, name = 'q', url, ...rest }: RedisQueueOptions) {
    this.consumer = consumer
    this.#url = url
    this.#keys = queueKeys(name)
    this.#leaseMs = leaseMs
    this.#blockMs = rest.blockMs ?? Math.min(500, Math.ceil(leaseMs / 3))
    this.#commands = createCommandClient(url, this.#keys.stream)
  }

  async enqueue(jobId: JobId): Promise<'added' | 'present'> {
    if (!isJobId(jobId)) throw new TypeError(`not a job id: ${jobId.slice(0, 80)}`)
    const { answer, said } = this.#adding()
    const place = said.push(jobId) - 1
    return (await answer)[place] === 1 ? 'added' : 'present'
  }

  /** Throws on every trouble; pause before calling again. */
  async take(count: number): Promise<Entry[]> {
    const reader = this.#idleReaders.pop() ?? (await this.#openReader())
    const { stream } = this.#keys
    try {
      const there = await this.#takeNow(count)
      const limits = ['COUNT', count, 'BLOCK', this.#blockMs] as const
      const from = ['STREAMS', stream, '>'] as const
      const entries =
        there.length > 0 ? there : toEntries(await reader.xreadgroup('GROUP', group, this.consumer, ...limits, ...from))
      this.#idleReaders.push(reader)
      return entries
    } catch (error) {
      this.#readers.delete(reader)
      reader.disconnect()
      throw error
    }
  }

  /** What is there already comes while Redis still settles what was said in this turn. */
  async #takeNow(count: number): Promise<Entry[]> {
    // A command that waits for a connection is sent even when nobody waits for it any more: it must not take anything.
    if (this.#commands.status !== 'ready') return []
    const { stream } = this.#keys
    return toEntries(
      await this.#commands.xreadgroup('GROUP', group, this.consumer, 'COUNT', count, 'STREAMS', stream, '>'),
    )
  }

  async takeOver(count: number): Promise<Entry[]> {
    const taken: Entry[] = []
    for await (const id of staleEntries(this.#commands, this.#keys, this.#leaseMs)) {
      const reply = await this.#run(takeOver, [group, this.consumer, id, this.#leaseMs])
      if (Array.isArray(reply)) taken.push(toEntry(reply as RawEntry)) // as XCLAIM gives it
      if (taken.length >= count) break
    }
    return taken
  }

  hold(lease: Lease): Promise<Ownership> {
    return this.#tell(lease, 'hold')
  }

  async extend(items: readonly (Entry | Lease)[]): Promise<Ownership[]> {
    if (items.length === 0) return []
    const answers = await this.#runInTurn(extend, [group, this.consumer, ...items.flatMap(idAndEpoch)])
    return answers as Ownership[] // the script answers just these words, one for each pair
  }

  async settle(item: Entry | Lease): Promise<boolean> {
    return (await this.#tell(item, 'settle')) === 'mine'
  }

  async postpone(item: Entry | Lease, delayMs: number): Promise<boolean> {
    const args = [group, this.consumer, ...idAndEpoch(item), Math.ceil(delayMs)]
    return (await this.#runInTurn(postpone, args)) === 1
  }

  async handBack(item: Entry | Lease): Promise<boolean> {
    const { jobId } = entryOf(item)
    // What names no job cannot be added anew.
    if (jobId === undefined) return this.postpone(item, 0)
    return (await this.#runInTurn(handBack, [group, this.consumer, ...idAndEpoch(item), jobId], [jobId])) === 1
  }

  async depth(): Promise<Depth> {
    const [length = 0, waiting = 0, pending = 0, dueLater = 0] = (await this.#run(depth, [group, 1000])) as number[] // `as`: it counts
    return { length, waiting, pending, dueLater }
  }

  /** What is still pending here stays pending, and is taken over when it is due or a lease old. */
  async close(): Promise<void> {
    this.#closed = true
    for (const reader of this.#readers) reader.disconnect()
    // When Redis is away the name stays for some minutes: no harm.
    await this.#forgetConsumers(this.#commands, this.consumer).catch(() => undefined)
    this.#commands.disconnect()
  }

  async #openReader(): Promise<Redis> {
    const reader = await openBlockingClient(this.#url, this.#blockMs, this.#keys.stream)
    try {
      await createGroup(reader, this.#keys.stream)
      await this.#forgetConsumers(reader, '')
      if (this.#closed) throw new Error('the queue is closed')
    } catch (error) {
      reader.disconnect()
      throw error
    }
    this.#readers.add(reader)
    return reader
  }

  async #tell(item: Entry | Lease, what: 'hold' | 'settle'): Promise<Ownership> {
    const { answer, said } = this.#turn()
    const place = said.push({ item, what }) - 1
    return (await answer)[place] ?? 'gone'
  }

  async #say(said: Turn): Promise<Ownership[]> {
    const args = [group, this.consumer, ...said.flatMap(({ item, what }) => [...idAndEpoch(item), what])]
    const jobIds = said.map(({ item }) => entryOf(item).jobId)
    // `as`: what the script says that it answers.
    const answers = (await this.#run(turn, args, jobIds)) as Ownership[]
    return answers.length > 0 ? answers : said.map(() => 'mine')
  }

  /** After what was said before it in this turn: a job may be put off as soon as it has begun. */
  async #runInTurn(script: Script, args: (string | number)[], jobIds?: JobId[]): Promise<unknown> {
    await endOfTurn()
    return this.#run(script, args, jobIds)
  }

  /** `jobIds`: of those whose own keys are touched. No job has the empty id; a script that is given it finds nothing there. */
  #run(script: Script, args: (string | number)[], jobIds: readonly (JobId | undefined)[] = []): Promise<unknown> {
    const { due, epochs, job, stream } = this.#keys
    const keys = [stream, epochs, due, ...jobIds.map((jobId) => job(jobId ?? ''))]
    return runScript(this.#commands, script, { keys, args })
  }

  #forgetConsumers(client: Redis, consumer: string): Promise<unknown> {
    const args = [group, consumer, leasesUntilForgotten * this.#leaseMs]
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
