// The port between the loops and whatever dispatches jobs: a Redis stream, or a queue inside this process.
//
// What must always hold:
// - An entry that was read stays pending until its owner settles it, or hands it back.
// - Whoever settles, extends, postpones or hands back an entry still owns it: consumer AND epoch are compared in the
//   same step (before an epoch is recorded, the consumer alone).
// - Losing everything here loses no work: Postgres is the record, and whoever holds the record may enqueue again at any time.

/** A positive decimal number of at most 18 digits. An entry with any other id cannot be understood. */
export type JobId = string

export function isJobId(text: string): boolean {
  return /^[1-9][0-9]{0,17}$/.test(text)
}

/** A stream entry that is pending for this consumer. The right to ask for the job's row, not yet the right to run it. */
export interface Entry {
  /** The stream's id, `<ms>-<seq>`. */
  id: string
  /** `undefined` when the entry cannot be understood; `raw` then says what it holds, else nothing. */
  jobId: JobId | undefined
  raw: string
}

/** An entry under the epoch of its job's claim: once `hold` has recorded the epoch, the right to end it. */
export interface Lease {
  entry: Entry
  jobId: JobId
  /** The row's epoch. It only grows; a higher one ends this lease. */
  epoch: number
}

/** `lost`: pending for another consumer, or under another epoch. `gone`: the queue no longer knows the entry. */
export type Ownership = 'mine' | 'lost' | 'gone'

export interface Depth {
  /** Entries in the stream, read or not. */
  length: number
  /** Not read yet; counted up to a thousand. An entry whose consumer was deleted is neither this nor pending. */
  waiting: number
  pending: number
  /** Pending entries with a due time ahead. */
  dueLater: number
}

export interface Queue {
  /**
   * Puts the job on the stream unless it is there already; one that was put off for more than a minute from now is due. Safe to call
   * for every due row, at any time.
   */
  enqueue(jobId: JobId): Promise<'added' | 'present'>
  /** Waits for new entries; at most `count`, and at most a few seconds. An empty answer is normal. */
  take(count: number): Promise<Entry[]>
  /** Takes over at most `count` entries that are due, or idle for a lease without a due time. */
  takeOver(count: number): Promise<Entry[]>
  /** Records the lease's epoch on its entry, if that is still ours. What is said after this finds it recorded. */
  hold(lease: Lease): Promise<Ownership>
  /** Restarts the idle clock of everything read, held or not; same order as the argument. */
  extend(items: readonly (Entry | Lease)[]): Promise<Ownership[]>
  /** Removes the entry for good. False when it is not ours any more. */
  settle(item: Entry | Lease): Promise<boolean>
  /** Leaves the entry pending and un-acknowledged, to be taken over by anyone in `delayMs`. False when it is not ours any more. */
  postpone(item: Entry | Lease, delayMs: number): Promise<boolean>
  /**
   * Lets go of the entry at once: its job is on the stream anew for whoever waits there, or it may be taken over before what
   * waits. False when it is not ours any more.
   */
  handBack(item: Entry | Lease): Promise<boolean>
}

export const entryOf = (item: Entry | Lease): Entry => ('entry' in item ? item.entry : item)

/** What a process needs from a queue besides its jobs. */
export interface QueueConnection extends Queue {
  /** This process's name in the group. Random per process. */
  readonly consumer: string
  depth(): Promise<Depth>
  close(): Promise<void>
}
