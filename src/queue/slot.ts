// One entry in this process's hands: from the read until its job has ended, was put off, or was let go.
import type { Entry, Lease, Queue } from './queue.ts'
import type { Ending, Held, QueueLog } from './work.ts'

export interface Slot {
  readonly entry: Entry
  /** Once the row is ours. */
  held: Held | undefined
  /** Once the epoch is recorded on the entry, too. */
  lease: Lease | undefined
  /** The queue did not answer when it was to record the epoch. */
  unnoted: boolean
  /** When the last good sign of life was SENT, in monotonic ms: it may have been noted at any time since. */
  aliveAtMs: number
  /** Aborted when the lease is over, or the process stops. What this slot runs must then stop, and nobody extends its lease. */
  readonly abort: AbortController
  /** What the run comes to; `lost` as soon as the process stops and does not wait for it any longer. */
  readonly ending: PromiseWithResolvers<Ending>
  /** The job has ended, and its entry is being settled: another one may be taken meanwhile. */
  over: boolean
}

export function createSlot(entry: Entry, nowMs: number): Slot {
  return {
    entry,
    held: undefined,
    lease: undefined,
    unnoted: false,
    aliveAtMs: nowMs,
    abort: new AbortController(),
    ending: Promise.withResolvers(),
    over: false,
  }
}

type Holding = { log: QueueLog; queue: Pick<Queue, 'hold'> }

/** Never rejects. Whatever comes of it the job goes on: while the record says that it is ours nobody else can have it. */
export async function holdEntry(slot: Slot, lease: Lease, { log, queue }: Holding): Promise<void> {
  const fields = { entry: lease.entry.id, job: lease.jobId }
  try {
    const held = await queue.hold(lease)
    if (held !== 'lost') return void (slot.lease = lease)
    log.info(fields, 'the entry went to somebody else; the job goes on')
  } catch (error) {
    slot.unnoted = true
    log.warn({ ...fields, err: error }, 'the epoch could not be noted on the entry; the job goes on')
  }
}
