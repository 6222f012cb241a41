// The report of a run as Markdown. Titles and reasons were written by a model: they stand in one line each, as plain text.
import { modelsOf, type Run } from './run-folder.ts'
import { causesOf, type Figures, figuresOf, hitsOf, isClean, publishedOf } from './figures.ts'
import type { CaseResult, Comment } from './result.ts'
import { judgeRule, placeRule } from './score.ts'

export function writeReport(run: Run): string {
  const { results, settings, unfinished } = run
  const parts = [
    `# Evaluation with ${oneLine(modelsOf(settings))}`,
    unfinished > 0 ? `**Not finished:** ${unfinished} cases have not ended.` : '',
    ruleOf(run),
    '## All',
    writeTable(['', 'all'], rowsOf(figuresOf(results))),
    ...groups('language', results),
    ...groups('difficulty', results),
    '## Cases',
    writeTable(caseColumns, results.map(rowOfCase)),
    section('Known problems that were not found', results.flatMap(missedIn)),
    section('Comments that name no known problem', results.flatMap(othersIn)),
    section('Held back', results.flatMap(heldBackIn)),
    section('Not reviewed, or only in part', results.flatMap(unreadIn)),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

export function ruleOf({ results, settings }: Pick<Run, 'results' | 'settings'>): string {
  const rule = settings.judge === null ? placeRule : `${judgeRule} The judge was ${oneLine(settings.judge)}.`
  const words = results.flatMap(({ problems }) => problems).every((problem) => problem.words.length > 0)
  return settings.judge !== null || words ? rule : `${rule} Some problems of these cases give no words.`
}

/** Each with its name, in the order of the report. */
export function rowsOf(figures: Figures): string[][] {
  const { cleanCases, cleanComments, comments, found, hits, inline, notReviewed, problems } = figures
  const { cached, input, output } = figures.tokens
  return [
    ['cases', `${figures.cases}`],
    ['not reviewed, or failed', `${notReviewed}`],
    ['known problems found', share(found, problems)],
    ['root causes found', share(figures.rootCausesFound, figures.rootCauses)],
    ['comments per pull request', ratio(comments, figures.cases - notReviewed)],
    ['comments that name a known problem', share(hits, comments)],
    ['comments on clean changes', `${cleanComments} on ${cleanCases}`],
    ['comments placed in the diff', share(inline, comments)],
    ['only listed', `${figures.listed}`],
    ['held back', `${figures.heldBack}`],
    ['requests', `${figures.requests}`],
    ['tokens in (from cache) / out', `${count(input)} (${count(cached)}) / ${count(output)}`],
    ['cost', dollars(figures.costUsd)],
    ['seconds, median', seconds(figures.medianMs)],
  ]
}

function groups(by: 'language' | 'difficulty', results: readonly CaseResult[]): string[] {
  const grouped = [...Map.groupBy(results, (result) => result[by])].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const rows = grouped.map(([name, own]) => {
    const figures = figuresOf(own)
    const found = share(figures.found, figures.problems)
    const clean = `${figures.cleanComments} on ${figures.cleanCases}`
    return [oneLine(name), `${figures.cases}`, found, `${figures.comments}`, clean, dollars(figures.costUsd)]
  })
  return [`## By ${by}`, writeTable([by, 'cases', 'problems found', 'comments', 'on clean changes', 'cost'], rows)]
}

const caseColumns = [
  'case',
  'language',
  'difficulty',
  'problems found',
  'root causes',
  'comments',
  'inline',
  'held back',
  'tokens in / out',
  'cost',
  'seconds',
  'requests',
]

function rowOfCase(result: CaseResult): string[] {
  const { comments, difficulty, id, language, problems, status, usage } = result
  const causes = causesOf(result)
  const published = publishedOf(result)
  const found = problems.filter(({ foundBy }) => foundBy !== null).length
  return [
    id,
    oneLine(language),
    oneLine(difficulty),
    status === 'reviewed' ? (isClean(result) ? 'clean' : `${found}/${problems.length}`) : `**${status}**`,
    isClean(result) ? '' : `${causes.found}/${causes.known}`,
    `${published.length}`,
    `${published.filter(({ place }) => place === 'inline').length}`,
    `${comments.filter(({ place }) => place === 'held-back').length}`,
    `${count(usage.tokens.input)} / ${count(usage.tokens.output)}`,
    dollars(usage.costUsd),
    seconds(usage.ms),
    `${usage.requests}`,
  ]
}

function missedIn({ id, problems }: CaseResult): string[] {
  return problems
    .filter(({ foundBy }) => foundBy === null)
    .map((problem) => {
      const lost = problem.lost === null ? '' : ` (${oneLine(problem.lost)})`
      return `${id}, ${place(problem)}, ${problem.severity}: ${oneLine(problem.what)}${lost}`
    })
}

function othersIn(result: CaseResult): string[] {
  const hits = hitsOf(result)
  const isOther = (comment: Comment): boolean => !hits.has(result.comments.indexOf(comment))
  return publishedOf(result)
    .filter(isOther)
    .map((comment) => `${result.id}, ${place(comment)}, ${comment.severity}: ${oneLine(comment.title)}`)
}

function heldBackIn({ comments, id }: CaseResult): string[] {
  return comments
    .filter((comment) => comment.place === 'held-back')
    .map((comment) => `${id}, ${place(comment)}: ${oneLine(comment.title)} — ${oneLine(comment.reason ?? '')}`)
}

function unreadIn({ id, leftOut, reason }: CaseResult): string[] {
  const unread = leftOut.filter(({ kind }) => kind === 'unread')
  return [
    ...(reason === null ? [] : [`${id}: ${oneLine(reason)}`]),
    ...unread.map((file) => `${id}: ${oneLine(file.path)}: ${oneLine(file.reason)}`),
  ]
}

function section(title: string, items: readonly string[]): string {
  return [
    `## ${title} (${items.length})`,
    ...(items.length > 0 ? [items.map((item) => `- ${item}`).join('\n')] : []),
  ].join('\n\n')
}

function place({ line, path, startLine }: Pick<Comment, 'path' | 'startLine' | 'line'>): string {
  return `${oneLine(path)}:${startLine === line ? line : `${startLine}-${line}`}`
}

export function writeTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [row(columns), row(columns.map(() => '---')), ...rows.map(row)].join('\n')
}

export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`
}

const grouped = new Intl.NumberFormat('en-US')
const count = (number: number): string => grouped.format(number)

function share(part: number, whole: number): string {
  return whole === 0 ? '0 of 0' : `${part} of ${whole} (${Math.round((part / whole) * 100)} %)`
}

function ratio(part: number, whole: number): string {
  return whole === 0 ? '—' : (part / whole).toFixed(1)
}

function dollars(cost: number | null): string {
  return cost === null ? 'not known' : `$${cost.toFixed(4)}`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
