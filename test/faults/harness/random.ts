// Chance that can be had again: the same seed gives the same numbers.

export interface Random {
  /** From 0 up to 1, without 1. */
  next(): number
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  shuffled<T>(list: readonly T[]): T[]
}

/** `mulberry32`: 32 bits of state, enough for a schedule. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new Error('nothing to pick from')
      return list[between(0, list.length - 1)] as T // the index is inside the list
    },
    shuffled<T>(list: readonly T[]): T[] {
      const keyed = list.map((value) => ({ key: next(), value }))
      return keyed.toSorted((one, other) => one.key - other.key).map(({ value }) => value)
    },
  }
}
