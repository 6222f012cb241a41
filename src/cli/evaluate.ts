// `plumbline eval`: the real pipeline over cases whose problems are known.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { createSystemClock } from '../clock.ts'
import type { Environment } from '../config.ts'
import { writeComparison } from '../eval/compare.ts'
import { type EvalCase, readCases } from '../eval/eval-case.ts'
import { publishedOf } from '../eval/figures.ts'
import type { CaseResult, CaseReview } from '../eval/result.ts'
import { runCases, type RunDeps } from '../eval/run-cases.ts'
import { modelsOf, openRunFolder, readRun, type RunFolder } from '../eval/run-folder.ts'
import { accountOf } from './account.ts'
import { allowOnly, asUsage, type Options, readCount, standingIn, typedPath, UsageError } from './arguments.ts'
import { caseReviewOf } from './case-review.ts'
import { interruption } from './interruption.ts'
import { reviewLocally } from './local-story.ts'
import { openCase } from './local-subject.ts'
import { createSay, labelled, type Say } from './progress.ts'
import { reportOf } from './reported.ts'
import { chooseRun, type ChosenRun } from './chosen-run.ts'

/** 0: every case was reviewed. Throws a `UsageError`. */
export async function evaluate(positionals: readonly string[], options: Options, env: Environment): Promise<0 | 1> {
  const [dir, ...more] = positionals
  if (dir === 'compare') return compare(more, options, env)
  if (dir === undefined || more.length > 0)
    throw new UsageError('eval needs one folder of cases: eval/cases, for example.')
  allowOnly('eval', options, ['model', 'verify-model', 'judge', 'out', 'case', 'concurrency', 'replay'])
  const concurrency = readCount('concurrency', options.concurrency, 2)
  const cases = chosenCases(typedPath(dir, env), options.case)
  const say = createSay()
  const run = await chooseRun(options, env, say)
  const out = typedPath(options.out ?? join('.eval', new Date().toISOString().slice(0, 19).replaceAll(':', '-')), env)
  const folder = openFolder(out, run)
  const signal = interruption()
  say(`${cases.length} cases with ${modelsOf(run.settings)}, into ${relative(standingIn(env), out) || out}`)
  const deps = createDeps({ env, folder, run, say }, { cases, concurrency })
  const results = await runCases(cases, deps, signal)
  process.stdout.write(folder.report({ results, unfinished: cases.length - results.length }))
  say(`${join(out, 'report.md')} and report.json are written`)
  if (signal.aborted) say(`interrupted: the same command with --out ${options.out ?? out} goes on`)
  return results.length === cases.length && results.every(({ status }) => status === 'reviewed') ? 0 : 1
}

function compare(folders: readonly string[], options: Options, env: Environment): 0 {
  allowOnly('eval compare', options, [])
  const [a, b] = folders
  if (a === undefined || b === undefined || folders.length > 2)
    throw new UsageError('eval compare needs two folders of runs, as --out named them.')
  const [first, second] = [a, b].map((one) => asUsage(() => readRun(typedPath(one, env))))
  if (first && second) process.stdout.write(writeComparison(first, second))
  return 0
}

function chosenCases(dir: string, ids: readonly string[] | undefined): EvalCase[] {
  const cases = asUsage(() => readCases(dir))
  const unknown = ids?.find((id) => cases.every((one) => one.id !== id))
  if (unknown !== undefined) throw new UsageError(`${dir} holds no case with the id "${unknown}".`)
  return ids ? cases.filter(({ id }) => ids.includes(id)) : cases
}

function openFolder(out: string, { replayed, settings }: ChosenRun): RunFolder {
  if (out === replayed) throw new UsageError('A replay cannot be written over what it replays: name another --out.')
  return asUsage(() => openRunFolder(out, settings))
}

interface Means {
  env: Environment
  folder: RunFolder
  run: ChosenRun
  say: Say
}

function createDeps(means: Means, { cases, concurrency }: { cases: EvalCase[]; concurrency: number }): RunDeps {
  const { folder, run, say } = means
  const { judge } = run
  let ended = 0
  return {
    review: (one, signal) => reviewCase(one, means, signal),
    judge: judge && ((one, comments, signal) => judge(one, comments, { folder, signal })),
    keptOf: folder.keptOf,
    keep: folder.keep,
    ended(result, how) {
      ended += 1
      say(`${ended}/${cases.length}  ${result.id}: ${told(result)}${how === 'before' ? ' (of an earlier run)' : ''}`)
    },
    concurrency,
  }
}

async function reviewCase(one: EvalCase, { env, folder, run, say }: Means, signal: AbortSignal): Promise<CaseReview> {
  const temporary = mkdtempSync(join(tmpdir(), 'plumbline-eval-'))
  const startedAt = performance.now()
  try {
    const subject = await openCase(one, { env, folder: temporary }, signal)
    const journal = run.journalOf(one.id, folder)
    const means = { journal, chosen: run.chosen, clock: createSystemClock(), say: labelled(say, one.id) }
    const report = reportOf(await reviewLocally(subject, means, signal))
    return caseReviewOf(report, accountOf(journal.used(), performance.now() - startedAt))
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

function told(result: CaseResult): string {
  const { problems, reason, status } = result
  if (status !== 'reviewed') return `${status}: ${reason ?? 'no reason was given'}`
  const found = problems.filter(({ foundBy }) => foundBy !== null).length
  return `${found} of ${problems.length} problems found, ${publishedOf(result).length} comments`
}
