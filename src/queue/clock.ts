/** Time as an argument, so that tests need not wait. */
export interface Clock {
  /** Milliseconds that never go back. Not a date. */
  monotonicMs(): number
  /** Resolves after `ms`, or as soon as the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
