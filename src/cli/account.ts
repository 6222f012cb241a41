// What a review took, from the steps of its journal.
import type { Usage } from '../eval/result.ts'
import type { UsedStep } from '../eval/file-journal.ts'

/** `wallMs`: how long this process worked on it. What it found done already took its time before. */
export function accountOf(used: readonly UsedStep[], wallMs: number): Usage {
  const asked = used.filter(({ tokens }) => tokens !== undefined)
  const sum = (read: (step: UsedStep) => number): number => asked.reduce((total, step) => total + read(step), 0)
  const servedMs = used.filter(({ served }) => served).reduce((total, { ms }) => total + ms, 0)
  return {
    tokens: {
      input: sum(({ tokens }) => tokens?.input ?? 0),
      output: sum(({ tokens }) => tokens?.output ?? 0),
      cached: sum(({ tokens }) => tokens?.cached ?? 0),
    },
    costUsd: asked.every(isPriced) ? sum(({ costUsd }) => costUsd ?? 0) : null,
    ms: Math.round(wallMs) + servedMs,
    requests: asked.length,
  }
}

/** What took no token was free, whatever the price. */
function isPriced({ costUsd, tokens }: UsedStep): boolean {
  return costUsd !== undefined || (tokens?.input === 0 && tokens.output === 0)
}
