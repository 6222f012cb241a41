// One sweep among many workers: whoever finds it due leads it, and what came of its turn is on the record.
import type { Clock } from '../../queue/clock.ts'
import type { Did, SweepStore } from './sweep-store.ts'

export interface Sweep {
  /** For the record, the page and the metrics. */
  name: string
  /** From the end of one turn to the next one, whoever had it. */
  everyMs: number
  turn(signal: AbortSignal): Promise<Did>
}

export interface SweepDeps {
  store: Pick<SweepStore, 'lead' | 'ended'>
  /** This worker. */
  holder: string
  clock: Pick<Clock, 'monotonicMs'>
}

/**
 * A turn ends after so long; what it left comes with the next one. So a leader that is killed is replaced after as long, and most
 * turns take seconds.
 */
const leadMs = 300_000

/** Enough for a sentence and its causes. */
const maxErrorLength = 500

/** For a loop that comes often: does nothing unless the sweep is due. A turn that a stop interrupts has not been one. */
export function createSweepTurn(
  { everyMs, name, turn }: Sweep,
  { clock, holder, store }: SweepDeps,
): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    if (!(await store.lead(name, holder, { everyMs, forMs: leadMs }))) return
    const startedAt = clock.monotonicMs()
    const ended = (did: Did, error?: string): Promise<void> =>
      store.ended(name, { tookMs: clock.monotonicMs() - startedAt, did, error })
    try {
      const did = await turn(AbortSignal.any([signal, AbortSignal.timeout(leadMs)]))
      if (!signal.aborted) await ended(did)
    } catch (error) {
      if (!signal.aborted)
        await ended({}, String(error instanceof Error ? error.message : error).slice(0, maxErrorLength))
      throw error
    }
  }
}
