// Numbers as people read them.

export const nothing = '–'

/** Whole steps below a minute are enough; above it, two units. */
export function duration(ms: number): string {
  if (ms < 0) return nothing
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`
}

/** One unit: how long ago something was. */
export function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`
  return `${Math.floor(minutes / 1440)} days ago`
}

export function count(value: number): string {
  if (value < 10_000) return String(value)
  return value < 999_500 ? `${Math.round(value / 1000)}k` : `${(value / 1_000_000).toFixed(1)}M`
}

export function usd(value: number): string {
  return value < 0.01 ? '< $0.01' : `$${value.toFixed(2)}`
}

export function plural(value: number, noun: string): string {
  return `${value} ${noun}${value === 1 ? '' : 's'}`
}

export interface Times {
  askedAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

/** From being recorded, or tried again, to being started; it grows while nothing has happened yet. `now` in milliseconds since 1970. */
export function waitTime({ askedAt, finishedAt, startedAt }: Times, now: number): string {
  return duration((startedAt ?? finishedAt ?? new Date(now)).getTime() - askedAt.getTime())
}

/** From the last start to the end. */
export function runTime({ finishedAt, startedAt }: Times, now: number): string {
  return startedAt ? duration((finishedAt ?? new Date(now)).getTime() - startedAt.getTime()) : nothing
}
