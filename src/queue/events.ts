// "Something about this review changed." A hint, never the truth: who hears it reads the record again.

export interface Events {
  /** At most once; may be lost. Never throws. */
  publish(topic: string): void
  /** Calls `heard` after each publish on the topic. Answers how to stop. */
  subscribe(topic: string, heard: () => void): Promise<() => Promise<void>>
}
