import type { Did } from './sweep-store.ts'

export interface ForgetStore {
  /** Empties the oldest reviews that ended so many days ago or more, and answers how many. */
  dropCode(days: number, limit: number): Promise<number>
}

export interface ForgetDeps {
  store: ForgetStore
  forgetDeliveries(): Promise<number>
  /** 0: at the next turn after a review's end. */
  retentionDays: number
}

/** Each has up to some megabytes in some dozens of spans: a moment's work, so that nobody waits for a lock. */
const atOnce = 20

/** One turn: GUIDs, prompts and code that have been kept long enough. */
export async function forget(deps: ForgetDeps, signal: AbortSignal): Promise<Did> {
  const deliveries = await deps.forgetDeliveries()
  let reviews = 0
  for (let dropped = atOnce; dropped === atOnce && !signal.aborted; reviews += dropped)
    dropped = await deps.store.dropCode(deps.retentionDays, atOnce)
  return { reviews, deliveries }
}
