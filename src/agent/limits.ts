// How much goes into the calls of an examination: into one, and into all of them.
import type { ShownFile } from './shown-file.ts'
import { tokensOf } from './budget.ts'
import type { Line } from './converse.ts'

export interface ExaminationLimits {
  /** Estimated tokens of the files in one call. */
  maxPartTokens: number
  maxParts: number
  /** Hard limit for one answer, thoughts included. */
  maxOutputTokens: number
  /** For all calls of one examination together. */
  timeoutMs: number
}

/**
 * 40,000 tokens are 140 kB of diff: more of it in one call is read less well than in two. Twelve calls are 1.6 MB; whoever
 * changes more has other ways to look at it. 16,000 are some fifty findings and the thoughts before them.
 */
export const usualLimits: ExaminationLimits = {
  maxPartTokens: 40_000,
  maxParts: 12,
  maxOutputTokens: 16_000,
  timeoutMs: 1_800_000,
}

/** With less, there are only instructions. A context that has no room for it is refused by the server. */
const leastPartTokens = 1_000

/**
 * Where the server tells its context: a quarter for the answer, and of the rest one half for the files and one for what goes
 * with them. A step, because on a retry the parts must be the same ones.
 */
export async function limitsFor({ journal, model }: Line, limits: ExaminationLimits): Promise<ExaminationLimits> {
  if (!model.contextTokens) return limits
  const ask = async () => ({ output: (await model.contextTokens?.()) ?? null })
  const context = await journal.step('model:context', model.name, ask)
  if (context === null) return limits
  const maxOutputTokens = Math.min(limits.maxOutputTokens, Math.floor(context / 4))
  const half = Math.floor((context - maxOutputTokens) / 2)
  const maxPartTokens = Math.min(limits.maxPartTokens, Math.max(leastPartTokens, half))
  const maxParts = Math.floor((limits.maxParts * limits.maxPartTokens) / maxPartTokens)
  return { ...limits, maxOutputTokens, maxPartTokens, maxParts }
}

/** Small changes are given more around them: there it costs little, and saves a round of tools. In tokens beyond the diff. */
export const smallChange = { files: 10, extra: 8_000, allowance: 80_000 }
export const largeChange = { extra: 4_000 }
/** Of the diff: what all requests may come to. */
const timesDiff = 5

/** By what the first request of each part costs, so that a small one at the end has tools too. */
export function allowancesOf(parts: readonly (readonly ShownFile[])[]): number[] {
  const diffs = parts.map((files) => files.reduce((sum, file) => sum + tokensOf(file), 0))
  const all = diffs.reduce((sum, diff) => sum + diff, 0)
  const first = all + parts.length * largeChange.extra
  return diffs.map((diff) => (timesDiff * all * (diff + largeChange.extra)) / first)
}
