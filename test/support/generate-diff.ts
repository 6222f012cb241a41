// Seeded random files, changes and patches. The same seed gives the same of everything.

/** Numbers from 0 up to, not including, 1. Mulberry32: 32 bits of state are plenty for tests. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const pick = <T>(random: () => number, from: readonly T[]): T => {
  const picked = from[Math.floor(random() * from.length)]
  if (picked === undefined) throw new Error('nothing to pick from')
  return picked
}

/** A whole number from `min` to `max`, both included. */
export const between = (random: () => number, min: number, max: number): number =>
  min + Math.floor(random() * (max - min + 1))

type Step = { sign: ' ' | '+' | '-'; text: string }

/** Lines that repeat, and lines that look like parts of a patch: both are where placing goes wrong. */
const texts = [
  '}',
  '',
  '  return x',
  '-- sql',
  '++ count',
  '@@ -1 +1 @@',
  'const a = 1',
  '\\ no',
  'diff --git a/x b/x',
  ' end',
]

/** Twelve letters: what is quoted from one such line resembles no other. */
function unlikeAnyOther(random: () => number): string {
  return Array.from({ length: 12 }, () => String.fromCharCode(between(random, 97, 122))).join('')
}

/** The patch of one changed file, as GitHub gives it: hunks with three lines around each change, no file header. */
export function generatePatch(random: () => number): string {
  const steps = Array.from({ length: between(random, 1, 120) }, (): Step => {
    const text = random() < 0.5 ? pick(random, texts) : unlikeAnyOther(random)
    const dice = random()
    return { sign: dice < 0.08 ? '+' : dice < 0.16 ? '-' : ' ', text }
  })
  if (steps.every(({ sign }) => sign === ' ')) steps.push({ sign: '+', text: 'added at the end' })
  return patchOf(steps)
}

function patchOf(steps: readonly Step[]): string {
  const isShown = (at: number): boolean => steps.slice(Math.max(at - 3, 0), at + 4).some(({ sign }) => sign !== ' ')
  const rows: string[] = []
  let [oldLine, newLine] = [1, 1]
  let hunk: { oldStart: number; newStart: number; rows: Step[] } | undefined
  const close = (): void => {
    if (!hunk) return
    const oldLines = hunk.rows.filter(({ sign }) => sign !== '+').length
    const newLines = hunk.rows.filter(({ sign }) => sign !== '-').length
    // An empty side is named by the line before it.
    const start = (first: number, lines: number): string =>
      `${lines === 0 ? first - 1 : first}${lines === 1 ? '' : `,${lines}`}`
    rows.push(`@@ -${start(hunk.oldStart, oldLines)} +${start(hunk.newStart, newLines)} @@ some function`)
    rows.push(...hunk.rows.map(({ sign, text }) => sign + text))
    hunk = undefined
  }
  for (const [at, step] of steps.entries()) {
    if (isShown(at)) (hunk ??= { oldStart: oldLine, newStart: newLine, rows: [] }).rows.push(step)
    else close()
    if (step.sign !== '+') oldLine++
    if (step.sign !== '-') newLine++
  }
  close()
  return rows.join('\n')
}
