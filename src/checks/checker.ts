// The checks of one review: analyzers on the added lines of the files that are reviewed.
//
// What must always hold: no setting of the reviewed repository is obeyed and nothing of it is run. A check that could not be
// run is named; it never counts as a check that found nothing.
import type { Checked, Checker, Journal } from '../jobs/ports.ts'
import type { CommitSha } from '../review/ids.ts'
import type { Change, ChangedFile, PullRequestRef } from '../review/pull-request.ts'
import { wording } from '../review/wording.ts'
import { type AnalyzerName, analyzerNames, type CheckedFile, toCheckedFile } from './analyzer.ts'
import { grammarFor } from './grammar.ts'
import { type Analyzed, runAnalyzer } from './run-analyzer.ts'
import { isWorkflow } from './workflows.ts'

export interface CheckerOptions {
  /** Of the review that is checked. */
  journal: Journal
  /** `undefined`: not there, no text, or too large. */
  readFile(ref: PullRequestRef, at: { path: string; sha: CommitSha }, signal: AbortSignal): Promise<string | undefined>
  /** For one analyzer. */
  timeoutMs?: number
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
  }
}

interface Run {
  options: CheckerOptions
  change: Change
  signal: AbortSignal
}

/** A file with what is asked of GitHub about it. */
interface Subject {
  file: ChangedFile
  checked: CheckedFile
}

async function runChecks(run: Run, files: readonly ChangedFile[]): Promise<Checked> {
  const subjects = files.flatMap((file): Subject[] => {
    const checked = toCheckedFile(file, run.change.ref.owner)
    return checked ? [{ file, checked }] : []
  })
  const toRead = subjects.filter(({ file }) => isWorkflow(file.path) || isParsed(file))
  await readHeads(run, toRead.slice(0, maxFilesToRead))
  const result: Checked = { findings: [], leftOut: [] }
  if (toRead.length > maxFilesToRead)
    result.leftOut.push({ kind: 'noise', ...wording.files.notParsed(toRead.length - maxFilesToRead) })
  const workflows = subjects.filter(({ checked }) => isWorkflow(checked.path) && checked.head !== undefined)
  const checks: Record<AnalyzerName, () => Promise<Analyzed>> = {
    secrets: () => analyze(run, { name: 'secrets', subjects }),
    leftovers: () => analyze(run, { name: 'leftovers', subjects }),
    workflows: () => analyze(run, { name: 'workflows', subjects: workflows }),
    syntax: () => checkSyntax(run, subjects),
  }
  for (const name of analyzerNames) {
    const analyzed = await checks[name]()
    if (analyzed.kind === 'done') result.findings.push(...analyzed.findings.slice(0, maxFindings))
    else result.leftOut.push({ kind: 'unread', path: wording.files.check(name), reason: analyzed.reason })
  }
  return result
}

/** What was parsed at the base must parse at the head; of a new file there is no base. */
function isParsed({ path, status }: ChangedFile): boolean {
  return grammarFor(path) !== undefined && (status === 'modified' || status === 'renamed' || status === 'changed')
}

async function readHeads(run: Run, subjects: readonly Subject[]): Promise<void> {
  for (const { checked } of subjects) {
    const head = await readText(run, { path: checked.path, sha: run.change.state.headSha })
    if (head !== undefined) checked.head = head
  }
}

async function readText({ change, options, signal }: Run, at: { path: string; sha: CommitSha }) {
  const text = await options.readFile(change.ref, at, signal)
  return text !== undefined && text.length <= maxFileLength ? text : undefined
}

/** A thread costs some 60 ms, so none is started for nothing. */
async function analyze(run: Run, task: { name: AnalyzerName; subjects: readonly Subject[] }): Promise<Analyzed> {
  if (task.subjects.length === 0) return { kind: 'done', findings: [] }
  const { signal, options } = run
  const files = task.subjects.map(({ checked }) => checked)
  const limits = options.timeoutMs === undefined ? { signal } : { signal, timeoutMs: options.timeoutMs }
  return runAnalyzer({ name: task.name, files }, limits)
}

/** The base is read only for files that do not parse at the head: most do. */
async function checkSyntax(run: Run, subjects: readonly Subject[]): Promise<Analyzed> {
  const parsed = subjects.filter(({ checked, file }) => isParsed(file) && checked.head !== undefined)
  const first = await analyze(run, { name: 'syntax', subjects: parsed })
  if (first.kind === 'failed') return first
  const broken = parsed.filter(({ file }) => first.findings.some(({ path }) => path === file.path))
  const withBase: Subject[] = []
  for (const subject of broken) {
    const path = subject.file.previousPath ?? subject.file.path
    const base = await readText(run, { path, sha: run.change.state.baseSha })
    if (base !== undefined) withBase.push({ ...subject, checked: { ...subject.checked, base } })
  }
  return analyze(run, { name: 'syntax', subjects: withBase })
}
