// What the consumer needs from whoever knows what a job is. The queue itself knows nothing of reviews.
import type { JobId } from './queue.ts'

export type Claim =
  /** Ours, under this epoch. `run` may be called once; `alone`: with nothing else in this process. */
  | { kind: 'claimed'; epoch: number; alone?: boolean }
  /** The job has ended, or was never there: the entry can go. */
  | { kind: 'ended' }
  /** Somebody else runs it, or it is not due yet: come back in `delayMs`. */
  | { kind: 'later'; delayMs: number }

export type Ending =
  /** The record says how it ended. */
  | { kind: 'ended' }
  /** The record says when to try again. */
  | { kind: 'later'; delayMs: number }
  /** The right to run was lost on the way; nothing was written. */
  | { kind: 'lost' }

export interface Held {
  jobId: JobId
  epoch: number
}

export interface Work {
  /** Raises the epoch on the job's record. */
  claim(jobId: JobId): Promise<Claim>
  /** Runs the job to its ending. Never throws for a job's own failure; throws when the record cannot be reached. */
  run(held: Held, signal: AbortSignal): Promise<Ending>
  /** Puts a claimed job back under its epoch, as if it had not been claimed: hand-back, or `hold` was refused. */
  release(held: Held): Promise<void>
  /** Says on the record that these are alive; answers the ones that are still ours. */
  beat(held: readonly Held[]): Promise<JobId[]>
  /** Records an entry that cannot be understood, before it is removed. */
  reject(entryId: string, raw: string): Promise<void>
}

/** A fixed text and fields. */
export interface QueueLog {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
}
