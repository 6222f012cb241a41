import type { Journal, StepResult } from '../../src/jobs/ports.ts'

/** Keeps what a real one stores. */
export function createRecordingJournal(): Journal & { stored: unknown[] } {
  const stored: unknown[] = []
  return {
    stored,
    async step<T>(_: string, input: unknown, run: () => Promise<StepResult<T>>) {
      const { output } = await run()
      stored.push(input, output)
      return output
    },
  }
}
