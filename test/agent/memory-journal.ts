// A journal in memory. Keeps finished steps as JSON, like the one on Postgres.
import type { Journal, TokenCount } from '../../src/jobs/ports.ts'
import { takeApart } from '../../src/review/errors.ts'

export interface MemoryJournal extends Journal {
  /** Of every step that was asked for, served ones included. */
  keys: string[]
  /** Of the steps that were run, those that failed included. */
  paid: TokenCount[]
}

export function createMemoryJournal(): MemoryJournal {
  const finished = new Map<string, string>()
  const keys: string[] = []
  const paid: TokenCount[] = []
  return {
    keys,
    paid,
    async step(key, input, run) {
      keys.push(key)
      const place = JSON.stringify([key, input])
      const stored = finished.get(place)
      if (stored !== undefined) return JSON.parse(stored)
      const { output, tokens } = await run().catch((thrown: unknown) => {
        const { error, taken } = takeApart(thrown)
        if (taken) paid.push(taken.tokens)
        throw error
      })
      finished.set(place, JSON.stringify(output))
      if (tokens) paid.push(tokens)
      return output
    },
  }
}
