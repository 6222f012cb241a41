import { parseDuration } from './duration.ts'

export interface SessionSettings {
  /** For example `2h`. */
  idle: string
}

export function isExpired(lastSeenMs: number, nowMs: number, settings: SessionSettings): boolean {
  return nowMs - lastSeenMs > parseDuration(settings.idle) * 1000
}
