import type { Clock } from '../../src/queue/clock.ts'

export interface ManualClock extends Clock {
  /** Moves time on and wakes whoever slept long enough. */
  advance(ms: number): Promise<void>
  /** Durations asked for so far, in ms. */
  readonly slept: number[]
}

/** A clock that only moves when told to. */
export function createManualClock(): ManualClock {
  let now = 0
  const slept: number[] = []
  const sleepers = new Set<{ at: number; wake(): void }>()
  return {
    slept,
    monotonicMs: () => now,
    sleep(ms, signal) {
      slept.push(ms)
      if (ms <= 0 || signal?.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const sleeper = {
          at: now + ms,
          wake: () => {
            sleepers.delete(sleeper)
            resolve()
          },
        }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', sleeper.wake, { once: true })
      })
    },
    async advance(ms) {
      now += ms
      for (const sleeper of [...sleepers]) if (sleeper.at <= now) sleeper.wake()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}
