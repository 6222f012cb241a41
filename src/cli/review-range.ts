// `plumbline review main..HEAD`: a review before the push.
import { createSystemClock } from '../clock.ts'
import type { Environment } from '../config.ts'
import type { Usage } from '../eval/result.ts'
import { createFileJournal, createMemoryJournal, type FileJournal } from '../eval/file-journal.ts'
import { accountOf } from './account.ts'
import { allowOnly, type FailOn, type Options, readFailOn, standingIn, typedPath, UsageError } from './arguments.ts'
import { chooseModels } from './chosen-model.ts'
import { describeError, interruption } from './interruption.ts'
import { reviewLocally } from './local-story.ts'
import { openRange } from './local-subject.ts'
import { UserError } from '../review/errors.ts'
import { createSay, type Say } from './progress.ts'
import { failedReport, meets, type Report, type Reported, reportOf } from './reported.ts'
import { toSarif } from './sarif.ts'
import { terminalText } from './terminal.ts'

/** 0: reviewed, or there was nothing to read. 1: not reviewed, or something met `--fail-on`. Throws a `UsageError`. */
export async function reviewRange(range: string, options: Options, env: Environment): Promise<0 | 1> {
  allowOnly('review RANGE', options, ['dir', 'model', 'verify-model', 'journal', 'json', 'sarif', 'fail-on'])
  if (options.json && options.sarif) throw new UsageError('Choose one of --json and --sarif.')
  const failOn = readFailOn(options['fail-on'])
  const say = createSay()
  const chosen = chooseModels(options, env, say)
  const folder = options.dir === undefined ? standingIn(env) : typedPath(options.dir, env)
  const journal = openJournal(options.journal, env)
  const signal = interruption()
  const startedAt = performance.now()
  const subject = await openRange({ folder, range, env }, signal).catch(toUsageError)
  const report = await reviewLocally(subject, { journal, chosen, clock: createSystemClock(), say }, signal)
    .then(reportOf)
    .catch((error: unknown) => failedReport(signal.aborted ? 'interrupted' : describeError(error)))
  const usage = accountOf(journal.used(), performance.now() - startedAt)
  process.stdout.write(
    write({ report, usage, what: range, model: chosen.finder.name, verifier: chosen.verifier.name }, options),
  )
  return exitCodeOf(report, failOn, say)
}

function openJournal(file: string | undefined, env: Environment): FileJournal {
  return file === undefined ? createMemoryJournal() : createFileJournal(typedPath(file, env))
}

/** No repository, no such commit, nothing changed: something else has to be typed. */
function toUsageError(error: unknown): never {
  throw error instanceof UserError ? new UsageError(error.message, { cause: error }) : error
}

interface Written {
  report: Report
  usage: Usage
  what: string
  model: string
  verifier: string
}

function write(written: Written, { json, sarif }: Options): string {
  if (sarif) return `${JSON.stringify(toSarif(written.report), null, 2)}\n`
  if (json) return `${JSON.stringify(toJson(written), null, 2)}\n`
  return terminalText(written, process.stdout)
}

function toJson({ model, report, usage, verifier, what }: Written): object {
  const { findings, heldBack, ...head } = report
  return {
    range: what,
    model,
    verifier,
    ...head,
    findings: findings.map(toPlain),
    heldBack: heldBack.map(toPlain),
    usage,
  }
}

function toPlain({ finding, inHead }: Reported): object {
  return { ...finding, inHead: inHead ?? null }
}

function exitCodeOf(report: Report, { incomplete, severity }: FailOn, say: Say): 0 | 1 {
  const { status } = report
  if (status === 'not-reviewed' || status === 'failed') return 1
  if (status === 'partly-reviewed') say('Not everything was read; --fail-on incomplete makes that a failure.')
  if (status === 'partly-reviewed' && incomplete) return 1
  return severity !== undefined && meets(report, severity) ? 1 : 0
}
