// Keeps what this process has in its hands: every third of the lease it says so, first on the record, then on the queue.
//
// What must always hold: a worker stops by itself before anybody else may start. Nobody may take a job over until its last
// beat is a lease old; we abort it when its last good beat was sent two thirds of a lease ago (a look every sixth, so at
// five sixths at the latest). All of it on the monotonic clock: a jump of the wall clock changes nothing.
//
// A good beat of a claimed job is the record's answer. Redis being away ends no job, and neither does an entry that was flushed
// (`gone`) or that somebody else has taken over meanwhile (`lost`): whoever has it asks the record, and while that says that the
// job is ours nobody else can claim it. The queue's answer counts for what is not claimed yet.
//
// No beat is waited for. One that hangs delays neither the look at the clock nor the next beat; one that failed or hangs is
// followed by another a sixth of the lease later, so a single lost answer ends nothing.
import type { Clock } from './clock.ts'
import type { Queue } from './queue.ts'
import type { Slot } from './slot.ts'
import type { QueueLog, Work } from './work.ts'

export interface HeartbeatOptions {
  queue: Pick<Queue, 'extend'>
  work: Pick<Work, 'beat'>
  /** Everything read and not ended; the consumer fills and empties it. */
  slots: ReadonlySet<Slot>
  leaseMs: number
  clock: Clock
  log: QueueLog
}

export interface Heartbeat {
  start(): void
  stop(): Promise<void>
}

export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { clock, leaseMs, log } = options
  const stopping = new AbortController()
  let running = Promise.resolve()
  async function run(): Promise<void> {
    for (;;) {
      await clock.sleep(leaseMs / 6, stopping.signal)
      if (stopping.signal.aborted) return
      abortSilent(options)
      if (isBeatDue(options)) beat(options).catch((error: unknown) => log.warn({ err: error }, 'a heartbeat failed'))
    }
  }
  return {
    start() {
      running = run()
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}

function abortSilent({ clock, leaseMs, log, slots }: HeartbeatOptions): void {
  const sentAfter = clock.monotonicMs() - (leaseMs * 2) / 3
  for (const slot of slots) {
    if (slot.aliveAtMs > sentAfter || !isKept(slot)) continue
    log.warn({ job: slot.entry.jobId, entry: slot.entry.id }, 'no good heartbeat for two thirds of the lease')
    slot.abort.abort(new Error('no good heartbeat for two thirds of the lease'))
  }
}

/** All slots beat together, when the first is due: a third of a lease after its last beat. A quarter, so that an early timer counts. */
function isBeatDue({ clock, leaseMs, slots }: HeartbeatOptions): boolean {
  const sentBefore = clock.monotonicMs() - leaseMs / 4
  return [...slots].some((slot) => slot.aliveAtMs < sentBefore)
}

async function beat({ clock, log, queue, slots, work }: HeartbeatOptions): Promise<void> {
  const sentAtMs = clock.monotonicMs()
  // Who was given up is not kept alive, so that somebody else can have it.
  const sent = [...slots].filter(isKept).map((slot) => ({ slot, held: slot.held }))
  try {
    const claimed = sent.flatMap(({ held }) => held ?? [])
    const ours = new Set(claimed.length > 0 ? await work.beat(claimed) : [])
    for (const { held, slot } of sent) {
      if (held && ours.has(held.jobId)) noteAlive(slot, sentAtMs)
      else if (held) end(slot, log)
    }
  } finally {
    const kept = sent.map(({ slot }) => slot).filter(isKept)
    const answers = await queue.extend(kept.map((slot) => slot.lease ?? slot.entry))
    // Not claimed yet: no row to beat for, so its sign of life is the queue's.
    for (const [index, slot] of kept.entries()) if (!slot.held && answers[index] === 'mine') noteAlive(slot, sentAtMs)
  }
}

const isKept = (slot: Slot): boolean => !slot.abort.signal.aborted

function noteAlive(slot: Slot, sentAtMs: number): void {
  slot.aliveAtMs = Math.max(slot.aliveAtMs, sentAtMs)
}

/** A job that ended while the beat was under way is not ours any more either: nothing is left to abort then. */
function end(slot: Slot, log: QueueLog): void {
  if (!isKept(slot)) return
  log.info({ job: slot.entry.jobId, entry: slot.entry.id }, 'the lease is lost')
  slot.abort.abort(new Error('the lease is lost'))
}
