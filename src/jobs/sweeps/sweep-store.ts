export interface SweepStore {
  /** Takes or keeps the lead for so long. Two may sweep at once for a moment: every sweep is safe when run twice. */
  lead(name: string, holder: string, forMs: number): Promise<boolean>
  readMark(name: string): Promise<Date | undefined>
  writeMark(name: string, mark: Date): Promise<void>
  /** Those of these GUIDs that were recorded. */
  recordedDeliveries(guids: readonly string[]): Promise<Set<string>>
}
