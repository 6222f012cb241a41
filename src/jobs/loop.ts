// A background loop: one turn, a pause, the next turn. It survives whatever a turn throws.
import type { Clock } from '../queue/clock.ts'
import type { Log } from './ports.ts'

export interface LoopOptions {
  /** For the log: "sweep failed" needs to say which. */
  name: string
  everyMs: number
  /** Nudges take a turn at most so often: a burst of them is one more turn, not one each. */
  restMs?: number
  turn(signal: AbortSignal): Promise<unknown>
  clock: Clock
  log: Log
}

export interface Loop {
  start(): void
  /** Takes the next turn at once, or as soon as the loop has rested, instead of after the pause. */
  nudge(): void
  /** Waits for the turn under way. */
  stop(): Promise<void>
}

export function createLoop(options: LoopOptions): Loop {
  const { clock, everyMs, log, name, restMs = 0, turn } = options
  const stopping = new AbortController()
  let pause = new AbortController()
  let running: Promise<void> = Promise.resolve()
  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await turn(stopping.signal).catch((error: unknown) => {
        if (!stopping.signal.aborted) log.warn({ loop: name, err: error }, 'a turn of a loop failed')
      })
      if (restMs > 0) await clock.sleep(restMs, stopping.signal)
      await clock.sleep(everyMs - restMs, AbortSignal.any([pause.signal, stopping.signal]))
      pause = new AbortController()
    }
  }
  return {
    start() {
      running = run()
    },
    nudge: () => pause.abort(),
    async stop() {
      stopping.abort()
      await running
    },
  }
}
