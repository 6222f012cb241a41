// One sweep among many workers: whoever finds it due leads it, and what came of its turn is on the record.
import type { Clock } from '../../queue/clock.ts'
import { ClosedDoorError, ParkedError } from '../../review/errors.ts'
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

const cutOff = 'The turn was not through after 5 min; the next one goes on with the rest.'

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
    const ended = (did: Did | undefined, error?: string): Promise<void> =>
      store.ended(name, { tookMs: clock.monotonicMs() - startedAt, did, error })
    const timeOut = AbortSignal.timeout(leadMs)
    try {
      const did = await turn(AbortSignal.any([signal, timeOut]))
      if (!signal.aborted) await ended(did, timeOut.aborted ? cutOff : undefined)
    } catch (error) {
      const message = timeOut.aborted ? cutOff : String(error instanceof Error ? error.message : error)
      if (!signal.aborted) await ended(undefined, message.slice(0, maxErrorLength))
      throw error
    }
  }
}

/**
 * For a turn over many: one that fails or has to wait keeps no other one waiting. Where a limit is reached, or the App has just
 * lost its access, nothing failed; the first of all other errors is thrown in the end.
 */
export async function eachByItself<T>(all: T[], signal: AbortSignal, visit: (one: T) => Promise<void>): Promise<void> {
  const errors: unknown[] = []
  for (const one of all) {
    try {
      await visit(one)
    } catch (error) {
      if (signal.aborted) break
      if (!(error instanceof ParkedError || error instanceof ClosedDoorError)) errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
}
