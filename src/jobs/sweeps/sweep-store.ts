import type { DeliveryMark } from './failed-deliveries.ts'

export interface SweepStore {
  /**
   * True when the sweep is due, `everyMs` after its last turn, and this worker leads it for so long. Two may sweep at once
   * for a moment: every sweep is safe when run twice.
   */
  lead(name: string, holder: string, times: { everyMs: number; forMs: number }): Promise<boolean>
  /** Keeps what came of a turn. */
  ended(name: string, turn: SweepTurn): Promise<void>
  /** At a clean stop: what was not finished is due for others at once. */
  release(holder: string): Promise<void>
  readMark(name: string): Promise<DeliveryMark | undefined>
  writeMark(name: string, mark: DeliveryMark): Promise<void>
  /** Those of these GUIDs that were recorded. */
  recordedDeliveries(guids: readonly string[]): Promise<Set<string>>
}

/** What was done, counted: `{redelivered: 2}`. The words are shown, and are labels of metrics. */
export type Did = Readonly<Record<string, number>>

export interface SweepTurn {
  tookMs: number
  /** `undefined`: not known; the last turn's stays. */
  did: Did | undefined
  /** One sentence; `undefined` when it went well. */
  error: string | undefined
}
