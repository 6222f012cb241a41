// Rounds: everything that is compared runs in each round, one after the other, so that a busy minute of the machine hits all alike.

/** One figure for each round. */
export type Series = number[]

/** Runs each contender once in each round, in turns; the first round warms up and is not counted. */
export async function interleave<Name extends string>(
  rounds: number,
  contenders: Record<Name, () => Promise<number>>,
): Promise<Record<Name, Series>> {
  // `as`: Object.keys and fromEntries forget the names.
  const names = Object.keys(contenders) as Name[]
  const series = Object.fromEntries(names.map((name) => [name, [] as Series])) as Record<Name, Series>
  for (let round = 0; round <= rounds; round++) {
    // Every other round the other way round: who comes after whom must not matter.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const figure = await contenders[name]()
      if (round > 0) series[name].push(figure)
    }
  }
  return series
}

/** `share` of the values are not larger; 0.5 for the median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** `12,345 (11,000-13,000)`: the median, and the range over the rounds. */
export function figures(values: readonly number[], digits = 0): string {
  const text = (value: number): string =>
    value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `${text(median(values))} (${text(Math.min(...values))}-${text(Math.max(...values))})`
}

/** Median over the rounds of ours divided by theirs of the same round. */
export function ratio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((one, round) => one / (theirs[round] ?? Number.NaN)))
}

/** As a table of Markdown, to be taken over into docs/performance.md. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log()
  for (const cells of [head, head.map(() => '---'), ...rows]) console.log(`| ${cells.join(' | ')} |`)
}

/** A bar that is missed makes the run fail. */
export function bar(what: string, reached: number, { atLeast, atMost }: { atLeast?: number; atMost?: number }): void {
  const good = reached >= (atLeast ?? -Infinity) && reached <= (atMost ?? Infinity)
  const wanted = atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`
  console.log(`\n${good ? 'reached' : 'MISSED '}: ${what}: ${reached.toFixed(2)} (bar ${wanted})`)
  if (!good) process.exitCode = 1
}
