// Two runs side by side, and the cases in which they differ.
import { figuresOf, publishedOf } from './figures.ts'
import { oneLine, rowsOf, ruleOf, writeTable } from './report.ts'
import type { CaseResult } from './result.ts'
import { modelsOf, type Run } from './run-folder.ts'

/** Only cases that are in both count: everything else would compare the cases, not the runs. */
export function writeComparison(a: Run, b: Run): string {
  const pairs = a.results.flatMap((one) => {
    const other = b.results.find(({ id }) => id === one.id)
    return other ? [{ a: one, b: other }] : []
  })
  const only = [...missingIn(a, b), ...missingIn(b, a)]
  const names = [a, b].map(({ folder, settings }) => `${oneLine(modelsOf(settings))} (${folder})`)
  const rows = rowsOf(figuresOf(pairs.map((pair) => pair.a)))
  const others = rowsOf(figuresOf(pairs.map((pair) => pair.b)))
  const differences = pairs.flatMap(({ a: one, b: other }) => differencesOf(one, other))
  const parts = [
    `# ${pairs.length} cases, twice`,
    a.settings.judge === b.settings.judge ? ruleOf(a) : '**The two runs were not judged by the same rule.**',
    only.length > 0 ? `Left out, because they are in one run only: ${only.join(', ')}.` : '',
    writeTable(
      ['', ...names],
      rows.map((row, index) => [...row, others[index]?.[1] ?? '']),
    ),
    '## Differences per case',
    differences.length === 0 ? 'None.' : writeTable(['case', 'what', 'first', 'second'], differences),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

function missingIn(from: Run, of: Run): string[] {
  return of.results.filter(({ id }) => from.results.every((one) => one.id !== id)).map(({ id }) => id)
}

function differencesOf(a: CaseResult, b: CaseResult): string[][] {
  const rows: string[][] = []
  const add = (what: string, first: string, second: string): void => {
    if (first !== second) rows.push([a.id, what, first, second])
  }
  add('status', a.status, b.status)
  for (const [index, problem] of a.problems.entries()) {
    const other = b.problems[index]
    if (other) add(`${problem.path}:${problem.line}: ${oneLine(problem.what)}`, fateOf(problem), fateOf(other))
  }
  add('published comments', String(publishedOf(a).length), String(publishedOf(b).length))
  return rows
}

function fateOf({ foundBy, lost }: CaseResult['problems'][number]): string {
  return foundBy === null ? oneLine(lost ?? 'missed') : 'found'
}
