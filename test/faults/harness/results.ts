// What campaigns found, kept in `.cache/faults-<campaign>.md`, a row per run. A run that is there already, with the same seed and
// size and with nothing lost or doubled, is not run again: its row is read back and judged like a fresh one.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'

/** The columns of a row after campaign, seed and reviews; what they mean says `docs/reliability.md`. */
const columns = [
  'injected',
  'furtherClaims',
  'lost',
  'doubled',
  'stale',
  'paidTwice',
  'unshown',
  'draftsAtRest',
  'drafts',
  'live',
  'unacknowledged',
  'violations',
  'gone',
  'seconds',
] as const

export type Figures = Record<(typeof columns)[number], number> & {
  /** What only this campaign measures. */
  measured: Record<string, number>
}

export interface Run {
  name: string
  seed: number
  reviews: number
}

const folder = '.cache'

export function keepRow(run: Run, figures: Figures): void {
  mkdirSync(folder, { recursive: true })
  const file = fileOf(run.name)
  if (!existsSync(file)) appendFileSync(file, headings())
  const measured = Object.entries(figures.measured).map(([name, value]) => `${name} ${value}`)
  const cells = [run.name, run.seed, run.reviews, ...columns.map((column) => figures[column]), measured.join(', ')]
  appendFileSync(file, `| ${cells.join(' | ')} |\n`)
}

/** The newest row of such a run; `undefined` when there is none, or FAULT_FRESH asks for a new one. */
export function findRow({ name, reviews, seed }: Run): Figures | undefined {
  if (process.env['FAULT_FRESH'] === '1' || !existsSync(fileOf(name))) return undefined
  const rows = readRows(readFileSync(fileOf(name), 'utf8'))
  return rows.findLast((row) => row.name === name && row.seed === seed && row.reviews === reviews)?.figures
}

/** The rows of a table as `keepRow` writes it. */
export function readRows(text: string): (Run & { figures: Figures })[] {
  const lines = text.split('\n').slice(2).filter(Boolean)
  return lines.map((line) => {
    const [name = '', seed, reviews, ...rest] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    const figures = Object.fromEntries(columns.map((column, index) => [column, Number(rest[index])]))
    // Every column is there: `keepRow` wrote it.
    const known = {
      ...(figures as Record<(typeof columns)[number], number>),
      measured: readMeasured(rest.at(-1) ?? ''),
    }
    return { name, seed: Number(seed), reviews: Number(reviews), figures: known }
  })
}

function readMeasured(cell: string): Record<string, number> {
  const pairs = cell.split(', ').filter(Boolean)
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.lastIndexOf(' ')), Number(pair.split(' ').at(-1))]))
}

function headings(): string {
  const names = ['campaign', 'seed', 'reviews', ...columns, 'measured']
  return `| ${names.join(' | ')} |\n|${' --- |'.repeat(names.length)}\n`
}

function fileOf(name: string): string {
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return `${folder}/faults-${slug.slice(0, 80)}.md`
}
