// The record of jobs that Postgres keeps in the real house: who may run a job, under which epoch, and how it ended.
import type { Clock } from '../../src/queue/clock.ts'
import type { JobId } from '../../src/queue/queue.ts'
import type { Claim, Ending, Held, Work } from '../../src/queue/work.ts'

export interface JobRow {
  status: 'queued' | 'running' | 'ended'
  epoch: number
  beatAtMs: number
}

export interface JobRecord {
  readonly rows: Map<JobId, JobRow>
  /** Every run that was started, in order. */
  readonly runs: Held[]
  /** Entries that could not be understood. */
  readonly rejected: { entryId: string; raw: string }[]
  /** One worker's view of the record. `job` is what a run does; the default ends at once. */
  work(job?: (held: Held, signal: AbortSignal) => Promise<Ending>): Work
}

export function createJobRecord({ clock, leaseMs }: { clock: Clock; leaseMs: number }): JobRecord {
  const rows = new Map<JobId, JobRow>()
  const runs: Held[] = []
  const rejected: JobRecord['rejected'] = []
  const owned = (held: Held): JobRow | undefined => {
    const row = rows.get(held.jobId)
    return row?.status === 'running' && row.epoch === held.epoch ? row : undefined
  }

  async function claim(jobId: JobId): Promise<Claim> {
    const row = rows.get(jobId) ?? { status: 'queued', epoch: 0, beatAtMs: 0 }
    rows.set(jobId, row)
    const now = clock.monotonicMs()
    if (row.status === 'ended') return { kind: 'ended' }
    const silentInMs = row.beatAtMs + leaseMs - now
    if (row.status === 'running' && silentInMs > 0) return { kind: 'later', delayMs: silentInMs }
    row.status = 'running'
    row.epoch++
    row.beatAtMs = now
    return { kind: 'claimed', epoch: row.epoch }
  }

  return {
    rows,
    runs,
    rejected,
    work: (job = async () => ({ kind: 'ended' })) => ({
      claim,
      async run(held, signal) {
        runs.push(held)
        const ending = await job(held, signal)
        const row = owned(held)
        if (!row) return { kind: 'lost' }
        if (ending.kind === 'ended') row.status = 'ended'
        if (ending.kind === 'later') row.status = 'queued'
        return ending
      },
      async release(held) {
        const row = owned(held)
        if (row) row.status = 'queued'
      },
      async beat(held) {
        const now = clock.monotonicMs()
        return held.flatMap((one) => {
          const row = owned(one)
          if (row) row.beatAtMs = now
          return row ? [one.jobId] : []
        })
      },
      async reject(entryId, raw) {
        rejected.push({ entryId, raw })
      },
    }),
  }
}

/** A job that goes on until it is aborted, and then has lost its lease. */
export function runUntilAborted(_: Held, signal: AbortSignal): Promise<Ending> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve({ kind: 'lost' })
    else signal.addEventListener('abort', () => resolve({ kind: 'lost' }))
  })
}
