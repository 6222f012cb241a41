// The system's time, for the entries to hand in.
import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from './queue/clock.ts'

export function createSystemClock(): Clock {
  return {
    monotonicMs: () => performance.now(),
    async sleep(ms, signal) {
      // An aborted sleep is a sleep that ended early, not an error: callers look at the signal themselves.
      await wait(ms, undefined, signal ? { signal } : {}).catch(() => undefined)
    },
  }
}
