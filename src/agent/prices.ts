// What tokens cost. The operator's own file: no price is built in, because it would be wrong tomorrow and for every discount.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { TokenCount } from '../jobs/ports.ts'

/** US dollars per million tokens. */
export interface Price {
  input: number
  output: number
  /** For the part of the input that came from the provider's cache; as `input` when it is not set. */
  cached?: number | undefined
}

const amount = z.number().nonnegative()
const prices = z.record(z.string(), z.strictObject({ input: amount, output: amount, cached: amount.optional() }))

/**
 * `{"model name": {"input": 2.5, "cached": 1.25, "output": 10}}`. `undefined` when the model is not in it. Throws an `Error`
 * with one sentence when the file cannot be read or holds something else.
 */
export function readPrice(file: string, model: string): Price | undefined {
  const parsed = prices.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Error(`${issue?.path.map(String).join(' → ') ?? ''}: ${issue?.message ?? 'not a list of prices'}`)
  }
  return parsed.data[model]
}

/** In US dollars. */
export function costOf({ cached, input, output }: TokenCount, price: Price): number {
  const dollars = (input - cached) * price.input + cached * (price.cached ?? price.input) + output * price.output
  return dollars / 1_000_000
}
