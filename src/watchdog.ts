// Ends a process whose loop does not turn any more. Whoever started it starts another; its reviews are taken over within a lease.
//
// What must always hold: a process that was paused, or a machine that slept, is not taken for stuck. So it is looks that are
// counted and not time: while nobody looks, nothing counts.

export interface WatchdogOptions {
  /** When the loop last turned. Whatever it is, it changes with every turn. */
  turnedAtMs(): number
  /** So many looks in a row find the same turn. */
  patience: number
  bite(): void
}

/** One look. To be called at a steady pace that is slower than the loop's slowest turn. */
export function createWatchdog({ bite, patience, turnedAtMs }: WatchdogOptions): () => Promise<void> {
  let seenMs = NaN
  let silentLooks = 0
  return async () => {
    const nowMs = turnedAtMs()
    silentLooks = nowMs === seenMs ? silentLooks + 1 : 0
    seenMs = nowMs
    if (silentLooks >= patience) bite()
  }
}
