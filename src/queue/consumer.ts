// How a job is run. A loop, of which two share the slots: take entries for free slots, and bring each to its end.
//
//   take → claim (the record raises the epoch) → hold (the queue notes it) and run → settle, or postpone
//
// A claimed job begins without waiting for the queue: the record says whose it is.
//
// What must always hold:
// - An entry is settled only when the record says that its job has ended. Whatever fails before that leaves it pending and
//   un-acknowledged; it comes back to somebody when it is due or has been idle for a lease.
// - Nothing is read that cannot be started at once, so nothing waits behind a long job while another worker is free.
// - The loop survives everything. An error is logged, the loop pauses and goes on; errors of jobs slow it down too, or a
//   worker without its record would read the whole stream only to drop it.
// - A job that shall run alone is claimed when everything else here has ended, and until it has ended nothing else begins.
// Taking over happens in the same loops as reading, so one count of free slots holds for both.
//
// Races we accept: the entry of a running job may go to somebody else, before its hold or while Redis was away. The record tells
// whoever has it to come again later. And the process may die anywhere: the row falls silent, the entry idle, both for a lease.
import type { Clock } from './clock.ts'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'
import type { Entry, JobId, Lease, Queue } from './queue.ts'
import { createSlot, holdEntry, type Slot } from './slot.ts'
import type { Held, QueueLog, Work } from './work.ts'

export interface ConsumerOptions {
  queue: Queue
  work: Work
  /** So many jobs at once. */
  slots: number
  leaseMs: number
  /** How often, at most, to look for entries to take over. */
  reclaimEveryMs?: number
  clock: Clock
  log: QueueLog
}

export interface Consumer {
  /** When both loops had last turned, in monotonic ms. They turn every few seconds, busy or idle; a stuck one is not worth keeping. */
  readonly loopTurnedAtMs: number
  start(): void
  /** Reads nothing more, waits for what is running, then aborts the rest and hands it back at once. Returns soon after the grace. */
  stop(options: { graceMs: number }): Promise<void>
}

/** Each reads for its half of the slots: while Redis answers one, the other begins what it was given. */
const loopCount = 2
/** Longest wait while all slots are busy; a third of a shorter lease, for a loop that does not turn is no sign of life. */
const busyPauseMs = 2000
/** After errors. Gentle enough for a server that comes back, and recovery takes no longer than this and one reconnect. */
const errorPauseMs = 1000
/** For handing back, when Redis or Postgres does not answer. What is not handed back by then is taken over after a lease. */
const handBackWithinMs = 3000

export function createConsumer(options: ConsumerOptions): Consumer {
  return new StreamConsumer(options)
}

/** When it last turned, and when it next looks for entries to take over. */
type Loop = { turnedAtMs: number; reclaimAtMs: number }

class StreamConsumer implements Consumer {
  readonly #options: Required<ConsumerOptions>
  readonly #heartbeat: Heartbeat
  readonly #slots = new Set<Slot>()
  /** Those that wait to be the only one here, or are. */
  readonly #loners = new Set<Slot>()
  readonly #stopping = new AbortController()
  readonly #loops: Loop[]
  /** Resolved when a slot becomes free, wants to be alone, or is given up; there while somebody waits for it. */
  #moved: PromiseWithResolvers<void> | undefined
  #turning: Promise<unknown> = Promise.resolve()
  #failing = false
  /** Of the free slots, those for which a read is under way. */
  #asked = 0

  constructor(options: ConsumerOptions) {
    this.#options = { reclaimEveryMs: 500, ...options }
    this.#heartbeat = createHeartbeat({ ...options, slots: this.#slots })
    const turnedAtMs = options.clock.monotonicMs()
    this.#loops = Array.from({ length: loopCount }, () => ({ turnedAtMs, reclaimAtMs: 0 }))
  }

  get loopTurnedAtMs(): number {
    return Math.min(...this.#loops.map((loop) => loop.turnedAtMs))
  }

  start(): void {
    this.#heartbeat.start()
    this.#turning = Promise.all(this.#loops.map((loop) => this.#turnUntilStopped(loop)))
    void this.#turnWhileBusy()
  }

  async stop({ graceMs }: { graceMs: number }): Promise<void> {
    this.#stopping.abort()
    await this.#drainWithin(graceMs)
    for (const slot of this.#slots) {
      slot.abort.abort(new Error('the worker is stopping'))
      slot.ending.resolve({ kind: 'lost' })
    }
    await this.#drainWithin(handBackWithinMs)
    await this.#heartbeat.stop()
  }

  async #drainWithin(ms: number): Promise<void> {
    const drained = new AbortController()
    const drain = async (): Promise<void> => {
      await this.#turning
      while (this.#slots.size > 0) await this.#whenMoved()
      drained.abort()
    }
    await Promise.race([drain(), this.#options.clock.sleep(ms, drained.signal)])
  }

  async #turnUntilStopped(loop: Loop): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      loop.turnedAtMs = this.#options.clock.monotonicMs()
      await this.#turn(loop).catch((error: unknown) =>
        this.#stumble({ err: error }, 'a turn of the consumer loop failed'),
      )
      if (this.#failing) await this.#options.clock.sleep(errorPauseMs, signal)
    }
  }

  async #turn(loop: Loop): Promise<void> {
    const { slots } = this.#options
    const free = slots - this.#asked - [...this.#slots].filter((slot) => !slot.over).length
    const count = Math.min(free, Math.ceil(slots / loopCount))
    if (count <= 0 || this.#loners.size > 0) return this.#whenMoved()
    this.#asked += count
    try {
      const entries = await this.#nextEntries(loop, count)
      if (entries.length === 0) this.#failing = false
      for (const entry of entries) void this.#startJob(entry)
    } finally {
      this.#asked -= count
    }
  }

  /** A busy loop turns now and then, too. */
  async #turnWhileBusy(): Promise<void> {
    const { clock, leaseMs } = this.#options
    while (!this.#stopping.signal.aborted) {
      await clock.sleep(Math.min(busyPauseMs, leaseMs / 3), this.#stopping.signal)
      this.#tellMoved()
    }
  }

  async #nextEntries(loop: Loop, count: number): Promise<Entry[]> {
    const { clock, queue, reclaimEveryMs } = this.#options
    const nowMs = clock.monotonicMs()
    if (nowMs >= loop.reclaimAtMs) {
      loop.reclaimAtMs = nowMs + reclaimEveryMs
      const entries = await queue.takeOver(count)
      if (entries.length > 0) return entries
    }
    return queue.take(count)
  }

  async #startJob(entry: Entry): Promise<void> {
    const slot = createSlot(entry, this.#options.clock.monotonicMs())
    this.#slots.add(slot)
    try {
      await this.#bringToEnd(slot)
      this.#failing = false
    } catch (error) {
      this.#stumble({ entry: entry.id, job: entry.jobId, err: error }, 'a job was dropped; its entry stays pending')
    }
    this.#slots.delete(slot)
    this.#loners.delete(slot)
    this.#tellMoved()
  }

  async #bringToEnd(slot: Slot): Promise<void> {
    const { entry } = slot
    if (this.#stopping.signal.aborted || this.#loners.size > 0) return this.#handBack(entry)
    if (entry.jobId === undefined) {
      await this.#options.work.reject(entry.id, entry.raw)
      await this.#settle(slot, entry)
      this.#options.log.warn({ entry: entry.id }, 'an entry that cannot be understood was recorded and removed')
      return
    }
    await this.#claimAndRun(slot, entry.jobId)
  }

  async #claimAndRun(slot: Slot, jobId: JobId): Promise<void> {
    const { clock, queue, work } = this.#options
    const claimedAtMs = clock.monotonicMs()
    const claim = await work.claim(jobId)
    if (claim.kind === 'ended') return this.#settle(slot, slot.entry)
    if (claim.kind === 'later') return void (await queue.postpone(slot.entry, claim.delayMs))
    const held = { jobId, epoch: claim.epoch }
    if (slot.abort.signal.aborted) return this.#handBack(slot.entry, held)
    if (!claim.alone || this.#loners.has(slot)) return this.#runClaimed(slot, held, claimedAtMs)
    // Nobody's while it waits: what ends this process meanwhile must not count against it.
    this.#loners.add(slot)
    await work.release(held)
    await this.#waitUntilAlone(slot)
    return slot.abort.signal.aborted ? this.#handBack(slot.entry) : this.#claimAndRun(slot, jobId)
  }

  async #runClaimed(slot: Slot, held: Held, claimedAtMs: number): Promise<void> {
    const { queue, work } = this.#options
    slot.held = held
    slot.aliveAtMs = claimedAtMs // However often the entry was extended while the claim was under way.
    const lease = { entry: slot.entry, ...held }
    void holdEntry(slot, lease, this.#options)
    work.run(held, slot.abort.signal).then(slot.ending.resolve, slot.ending.reject)
    const ending = await slot.ending.promise
    const item = slot.unnoted ? slot.entry : lease
    if (ending.kind === 'ended') await this.#settle(slot, item)
    else if (ending.kind === 'later') await queue.postpone(item, ending.delayMs)
    else await this.#handBack(item, held)
  }

  /** The slot is free from here on. Should the answer never come, the entry comes back, and its row says that it has ended. */
  async #settle(slot: Slot, item: Entry | Lease): Promise<void> {
    slot.over = true
    this.#tellMoved()
    await this.#options.queue.settle(item)
  }

  /** Of several, the one that asked first goes first. Returns early when the slot is given up: its run then ends at once. */
  async #waitUntilAlone(slot: Slot): Promise<void> {
    const { signal } = slot.abort
    signal.addEventListener('abort', () => this.#tellMoved())
    this.#tellMoved()
    const isAlone = (): boolean => [...this.#loners][0] === slot && this.#slots.size === this.#loners.size
    while (!signal.aborted && !isAlone()) await this.#whenMoved()
  }

  #whenMoved(): Promise<void> {
    return (this.#moved ??= Promise.withResolvers()).promise
  }

  #tellMoved(): void {
    this.#moved?.resolve()
    this.#moved = undefined
  }

  /** The row first: whoever takes the entry over shall find it claimable. Both do nothing where we are not the owner any more. */
  async #handBack(item: Entry | Lease, held?: Held): Promise<void> {
    if (held) await this.#options.work.release(held)
    await this.#options.queue.handBack(item)
  }

  #stumble(fields: object, text: string): void {
    this.#failing = true
    this.#options.log.warn(fields, text)
  }
}
