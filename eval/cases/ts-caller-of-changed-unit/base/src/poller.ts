import { parseDuration } from './duration.ts'

export interface Poller {
  stop(): void
}

export function startPolling(every: string, poll: () => Promise<void>): Poller {
  const timer = setInterval(() => void poll().catch(report), parseDuration(every) * 1000)
  return { stop: () => clearInterval(timer) }
}

function report(error: unknown): void {
  console.error('polling failed', error)
}
