// What an evaluation asks: models now, or the recording of an earlier run.
import { judgeComments, judgeQuestion } from '../agent/judge.ts'
import type { Model } from '../agent/model.ts'
import type { Environment } from '../config.ts'
import type { EvalCase } from '../eval/eval-case.ts'
import { type Comment, isWrittenOut } from '../eval/result.ts'
import { filesOf, readRun, type RunFolder, type RunSettings } from '../eval/run-folder.ts'
import type { Journal } from '../jobs/ports.ts'
import { PermanentError } from '../review/errors.ts'
import { createFileJournal, createReplayJournal, type FileJournal } from '../eval/file-journal.ts'
import { asUsage, type Options, typedPath, UsageError } from './arguments.ts'
import { chooseModel, chooseModels, type ChosenModel, type ChosenModels, noModel } from './chosen-model.ts'
import type { Say } from './progress.ts'

export interface ChosenRun {
  settings: RunSettings
  chosen: ChosenModels
  /** Where the steps of a case are kept, or come from. */
  journalOf: (id: string, into: RunFolder) => FileJournal
  /** For each problem of the case the index of the comment that names it. */
  judge: JudgeOfRun | undefined
  /** The folder whose recording is replayed. */
  replayed: string | undefined
}

type JudgeOfRun = (
  one: EvalCase,
  comments: readonly Comment[],
  at: { folder: RunFolder; signal: AbortSignal },
) => Promise<(number | undefined)[]>

/** Throws a `UsageError`. */
export async function chooseRun(options: Options, env: Environment, say: Say): Promise<ChosenRun> {
  const judge = options.judge === undefined ? undefined : chooseModel(options.judge, env, say)
  if (options.replay !== undefined) return replayRun(typedPath(options.replay, env), options, judge)
  const chosen = chooseModels(options, env, say)
  const { finder, verifier } = chosen
  const contextTokens = (await finder.model?.contextTokens?.()) ?? null
  return {
    settings: { model: finder.name, verifier: verifier.name, judge: judge?.name ?? null, contextTokens },
    chosen,
    journalOf: (id, into) => createFileJournal(into.journalOf(id)),
    judge: judge && judgeWith(modelOf(judge), (id, into) => createFileJournal(into.judgementsOf(id))),
    replayed: undefined,
  }
}

function replayRun(folder: string, options: Options, judge: ChosenModel | undefined): ChosenRun {
  const asked = (['model', 'verify-model'] as const).find((name) => options[name] !== undefined)
  if (asked !== undefined) throw new UsageError(`--replay asks no model, so it does not take --${asked}.`)
  const { settings } = asUsage(() => readRun(folder))
  const { journalOf, judgementsOf } = filesOf(folder)
  const chosen = {
    finder: recorded(settings.model, settings.contextTokens),
    verifier: recorded(settings.verifier, null),
  }
  const replayedJudge =
    settings.judge === null
      ? undefined
      : judgeWith(createSilentModel(settings.judge, null), (id) => createReplayJournal(judgementsOf(id)))
  return {
    settings: { ...settings, judge: judge?.name ?? settings.judge },
    chosen,
    journalOf: (id) => createReplayJournal(journalOf(id)),
    judge: judge ? judgeWith(modelOf(judge), (id, into) => createFileJournal(into.judgementsOf(id))) : replayedJudge,
    replayed: folder,
  }
}

function recorded(name: string, contextTokens: number | null): ChosenModel {
  return { model: name === noModel ? undefined : createSilentModel(name, contextTokens), name, price: undefined }
}

/**
 * Has a name, by which recorded answers are found, and nothing to say. Where no context was told, it has none to tell: some
 * models are never asked for it, and then no such step was recorded.
 */
function createSilentModel(name: string, contextTokens: number | null): Model {
  const complete = (): Promise<never> => Promise.reject(new PermanentError(`${name} is not asked: this is a replay.`))
  return contextTokens === null ? { name, complete } : { name, complete, contextTokens: async () => contextTokens }
}

function modelOf({ model, name }: ChosenModel): Model {
  if (!model) throw new UsageError(`--judge needs a model, and "${name}" is none.`)
  return model
}

function judgeWith(model: Model, journalOf: (id: string, into: RunFolder) => Journal): JudgeOfRun {
  return async ({ id, problems }, comments, { folder, signal }) => {
    const published = comments.filter(isWrittenOut)
    if (problems.length === 0 || published.length === 0) return []
    const judged = { problems, comments: published }
    const input = { model: model.name, question: judgeQuestion(judged) }
    const answers = await journalOf(id, folder).step('judge', input, () => judgeComments(model, judged, signal))
    return answers.map((answer) => indexOf(published[answer ?? -1], comments))
  }
}

function indexOf(comment: Comment | undefined, comments: readonly Comment[]): number | undefined {
  return comment && comments.indexOf(comment)
}
