// The checks of one review: analyzers on the added lines of the files that are reviewed.
//
// What must always hold: no setting of the reviewed repository is obeyed and nothing of it is run. A check that could not be
// run is named; it never counts as a check that found nothing.
import type { Checked, Checker, Journal } from '../jobs/ports.ts'
import type { CommitSha } from '../review/ids.ts'
import type { Change, ChangedFile } from '../review/pull-request.ts'
import type { FileLeftOut } from '../review/outcome.ts'
import { wording } from '../review/wording.ts'
import { type AnalyzerName, analyzerNames, type CheckedFile, toCheckedFile } from './analyzer.ts'
import { grammarFor } from '../review/code/grammar.ts'
import { type Analyzed, runAnalyzer } from './run-analyzer.ts'
import { isToBeTried, keepParsing } from './suggestions.ts'
import { isWorkflow } from './workflows.ts'

export interface CheckerOptions {
  /** Of the review that is checked. */
  journal: Journal
  /** `undefined`: not there, no text, or too large. */
  readFile(at: { path: string; sha: CommitSha }, signal: AbortSignal): Promise<string | undefined>
}

/** Each is a request to GitHub, of 5,000 in an hour for the installation; few people change more files by hand. */
const maxFilesToRead = 40
/** In UTF-16 units. Longer files are data or generated, and take a parser long. */
const maxFileLength = 256 * 1024
/** Of one analyzer: more of a kind says nothing new. */
const maxFindings = 20

export function createChecker(options: CheckerOptions): Checker {
  return {
    check(change, files, signal) {
      const input = files.map(({ path }) => path)
      return options.journal.step(`checks:${change.state.headSha}`, input, async () => ({
        output: await runChecks({ options, change, signal }, files),
      }))
    },
    async keepParsing(change, findings, signal) {
      if (!findings.some(isToBeTried)) return findings
      const tried = findings.map(({ path, placement, suggestion }) => ({ path, placement, suggestion }))
      const { headSha: sha } = change.state
      const readHead = (path: string) => readText({ options, change, signal }, { path, sha })
      // The placements alone: the rest of a finding may be another one when the answer is served again.
      const placements = await options.journal.step(`suggestions:${sha}`, tried, async () => ({
        output: (await keepParsing(findings, readHead, signal)).map(({ placement }) => placement),
      }))
      return findings.map((finding, index) => ({ ...finding, placement: placements[index] ?? finding.placement }))
    },
  }
}

interface Run {
  options: CheckerOptions
  change: Change
  signal: AbortSignal
}

async function runChecks(run: Run, changed: readonly ChangedFile[]): Promise<Checked> {
  const files = changed.flatMap((file) => toCheckedFile(file, run.change.ref.owner) ?? [])
  const workflows = files.filter(({ path }) => isWorkflow(path))
  const toParse = files.filter(({ basePath, path }) => basePath !== undefined && grammarFor(path) !== undefined)
  const toRead = [...workflows, ...toParse]
  await readHeads(run, toRead.slice(0, maxFilesToRead))
  const result: Checked = { findings: [], leftOut: [] }
  const more = toRead.length - maxFilesToRead
  if (more > 0) result.leftOut.push({ kind: 'noise', files: 0, ...wording.files.notParsed(more, 'more than it reads') })
  const noText = toRead.slice(workflows.length, maxFilesToRead).filter((file) => !hasHead(file)).length
  if (noText > 0)
    result.leftOut.push({ kind: 'noise', files: 0, ...wording.files.notParsed(noText, 'too large, or no text') })
  // Nobody writes one of that size, unless it is to hide something in it.
  if (!workflows.every(hasHead)) result.leftOut.push(notRun('workflows', wording.files.notText))
  const checks: Record<AnalyzerName, () => Promise<Analyzed>> = {
    secrets: () => analyze(run, 'secrets', files),
    leftovers: () => analyze(run, 'leftovers', files),
    workflows: () => analyze(run, 'workflows', workflows.filter(hasHead)),
    syntax: () => checkSyntax(run, toParse.filter(hasHead)),
  }
  for (const name of analyzerNames) {
    const analyzed = await checks[name]()
    if (analyzed.kind === 'done') result.findings.push(...analyzed.findings.slice(0, maxFindings))
    else result.leftOut.push(notRun(name, analyzed.reason))
  }
  return result
}

function notRun(name: AnalyzerName, reason: string): FileLeftOut {
  return { kind: 'unread', path: wording.files.check(name), reason, files: 0 }
}

const hasHead = ({ head }: CheckedFile): boolean => head !== undefined

async function readHeads(run: Run, files: readonly CheckedFile[]): Promise<void> {
  for (const file of files) {
    const head = await readText(run, { path: file.path, sha: run.change.state.headSha })
    if (head !== undefined) file.head = head
  }
}

async function readText({ options, signal }: Run, at: { path: string; sha: CommitSha }) {
  const text = await options.readFile(at, signal)
  return text !== undefined && text.length <= maxFileLength ? text : undefined
}

async function analyze({ signal }: Run, name: AnalyzerName, files: CheckedFile[]): Promise<Analyzed> {
  return files.length === 0 ? { kind: 'done', findings: [] } : runAnalyzer({ name, files }, { signal })
}

/** The base is read only for files that do not parse at the head: most do. */
async function checkSyntax(run: Run, files: CheckedFile[]): Promise<Analyzed> {
  const first = await analyze(run, 'syntax', files)
  if (first.kind === 'failed') return first
  const withBase: CheckedFile[] = []
  for (const file of files.filter(({ path }) => first.findings.some((finding) => finding.path === path))) {
    const base = await readText(run, { path: file.basePath ?? file.path, sha: run.change.state.baseSha })
    if (base !== undefined) withBase.push({ ...file, base })
  }
  return analyze(run, 'syntax', withBase)
}
