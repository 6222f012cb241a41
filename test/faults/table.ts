// `npx node test/faults/table.ts`: writes the table of docs/reliability.md from the rows that campaigns left in `.cache/`: of each
// campaign and seed the newest one.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { readRows } from './harness/results.ts'

const page = 'docs/reliability.md'
const [from, to] = ['<!-- Written by test/faults/table.ts, from here -->', '<!-- to here. -->']

const rows = globSync('.cache/faults-*.md').flatMap((file) => readRows(readFileSync(file, 'utf8')))
const newest = new Map(rows.map((row) => [`${row.name} ${row.seed}`, row]))
const sorted = [...newest.values()].toSorted((a, b) => a.name.localeCompare(b.name) || a.seed - b.seed)

const heads = [
  'campaign',
  'seed',
  'reviews',
  'faults',
  'further claims',
  'lost',
  'doubled',
  'paid twice',
  'drafts at rest',
]
const table = sorted.map(({ figures: f, name, reviews, seed }) => {
  const measured = Object.entries(f.measured).map(([what, value]) => `${what} ${value}`)
  const counts = [f.injected, f.furtherClaims, f.lost, f.doubled, f.paidTwice, f.draftsAtRest, f.seconds]
  return `| ${[name, seed, reviews, ...counts, measured.join(', ')].join(' | ')} |`
})
const all = [...heads, 'seconds', 'measured']
const lines = [`| ${all.join(' | ')} |`, `|${' --- |'.repeat(all.length)}`, ...table]

const text = readFileSync(page, 'utf8')
const [before, rest = ''] = text.split(from)
const after = rest.split(to)[1] ?? ''
writeFileSync(page, `${before}${from}\n\n${lines.join('\n')}\n\n${to}${after}`)
