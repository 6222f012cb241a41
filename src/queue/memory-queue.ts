// The queue inside this process: the embedded default's dispatch. Same port, same contract suite as the Redis stream.
// It forgets everything when the process ends, and may: Postgres is the record, and what is due is enqueued again.
import type { Clock } from './clock.ts'
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

interface Stored {
  entry: Entry
  /** `undefined` until it is taken. */
  consumer?: string
  epoch?: number
  /** Both on the monotonic clock. */
  idleSinceMs: number
  dueMs?: number
}

export interface MemoryBroker {
  /** Several consumers may share one broker, as several workers share a stream. */
  connect(consumer: string): QueueConnection
}

export interface MemoryBrokerOptions {
  clock: Clock
  leaseMs: number
  /** How long `take` waits for something new. */
  blockMs: number
}

export function createMemoryBroker(options: MemoryBrokerOptions): MemoryBroker {
  const shelf = new Shelf(options.clock)
  return {
    connect: (consumer) => ({
      consumer,
      async enqueue(jobId) {
        if (!isJobId(jobId)) throw new TypeError(`not a job id: ${jobId.slice(0, 80)}`)
        return shelf.add(jobId) ? 'added' : 'present'
      },
      async take(count) {
        if (!shelf.hasNew()) await options.clock.sleep(options.blockMs, shelf.nextArrival())
        return shelf.takeNew(consumer, count)
      },
      takeOver: async (count) => shelf.takeOver(consumer, count, options.leaseMs),
      hold: async (lease) => shelf.hold(consumer, lease),
      extend: async (items) => items.map((item) => shelf.extend(consumer, item)),
      settle: async (item) => shelf.settle(consumer, item),
      postpone: async (item, delayMs) => shelf.postpone(consumer, item, delayMs),
      handBack: async (item) => shelf.handBack(consumer, item),
      depth: async () => shelf.depth(),
      close: async () => shelf.wake(),
    }),
  }
}

/** The entries themselves. Every method is one step: nothing awaits in between. */
class Shelf {
  readonly #clock: Clock
  readonly #entries = new Map<string, Stored>()
  readonly #byJob = new Map<JobId, string>()
  #sequence = 0
  #arrival = new AbortController()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(jobId: JobId): boolean {
    const known = this.#entries.get(this.#byJob.get(jobId) ?? '')
    const now = this.#clock.monotonicMs()
    if (known?.dueMs !== undefined && known.dueMs > now + 60_000) known.dueMs = now
    if (known) return false
    const entry: Entry = { id: `0-${++this.#sequence}`, jobId, raw: jobId }
    this.#entries.set(entry.id, { entry, idleSinceMs: now })
    this.#byJob.set(jobId, entry.id)
    this.wake()
    return true
  }

  hasNew(): boolean {
    return this.#entries.values().some((one) => one.consumer === undefined)
  }

  /** Aborted when something arrives. */
  nextArrival(): AbortSignal {
    return this.#arrival.signal
  }

  wake(): void {
    this.#arrival.abort()
    this.#arrival = new AbortController()
  }

  takeNew(consumer: string, count: number): Entry[] {
    const free = this.#entries.values().filter((one) => one.consumer === undefined)
    return free
      .take(count)
      .map((one) => this.#give(one, consumer))
      .toArray()
  }

  takeOver(consumer: string, count: number, leaseMs: number): Entry[] {
    const now = this.#clock.monotonicMs()
    const ready = (one: Stored): boolean =>
      one.consumer !== undefined && (one.dueMs === undefined ? now - one.idleSinceMs >= leaseMs : one.dueMs <= now)
    return this.#entries
      .values()
      .filter(ready)
      .take(count)
      .map((one) => this.#give(one, consumer))
      .toArray()
  }

  hold(consumer: string, { entry, epoch }: Lease): Ownership {
    const stored = this.#entries.get(entry.id)
    if (!stored) return 'gone'
    if (stored.consumer !== consumer || (stored.epoch ?? 0) >= epoch) return 'lost'
    stored.epoch = epoch
    return 'mine'
  }

  extend(consumer: string, item: Entry | Lease): Ownership {
    const stored = this.#entries.get(entryOf(item).id)
    if (!stored) return 'gone'
    if (!owns(stored, consumer, item)) return 'lost'
    stored.idleSinceMs = this.#clock.monotonicMs()
    return 'mine'
  }

  settle(consumer: string, item: Entry | Lease): boolean {
    const stored = this.#entries.get(entryOf(item).id)
    if (!stored || !owns(stored, consumer, item)) return false
    this.#entries.delete(stored.entry.id)
    if (stored.entry.jobId !== undefined) this.#byJob.delete(stored.entry.jobId)
    return true
  }

  postpone(consumer: string, item: Entry | Lease, delayMs: number): boolean {
    const stored = this.#entries.get(entryOf(item).id)
    if (!stored || !owns(stored, consumer, item)) return false
    stored.dueMs = this.#clock.monotonicMs() + delayMs
    delete stored.epoch
    return true
  }

  handBack(consumer: string, item: Entry | Lease): boolean {
    const { jobId } = entryOf(item)
    if (jobId === undefined || this.hasNew()) return this.postpone(consumer, item, 0)
    return this.settle(consumer, item) && this.add(jobId)
  }

  depth(): Depth {
    const now = this.#clock.monotonicMs()
    const stored = this.#entries.values().toArray()
    return {
      length: stored.length,
      waiting: stored.filter((one) => one.consumer === undefined).length,
      pending: stored.filter((one) => one.consumer !== undefined).length,
      dueLater: stored.filter((one) => one.dueMs !== undefined && one.dueMs > now).length,
    }
  }

  #give(stored: Stored, consumer: string): Entry {
    stored.consumer = consumer
    stored.idleSinceMs = this.#clock.monotonicMs()
    delete stored.epoch
    delete stored.dueMs
    return stored.entry
  }
}

/** Consumer and epoch; the consumer alone before an epoch is recorded. */
function owns(stored: Stored, consumer: string, item: Entry | Lease): boolean {
  return stored.consumer === consumer && stored.epoch === ('entry' in item ? item.epoch : undefined)
}
