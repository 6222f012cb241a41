// The examination: the reviewers look at the change, in as many calls as it takes, and may ask tools about the repository.
//
// What must always hold:
// - What was not read is named in `leftOut`; what was not understood, in `malformed`. An answer of which nothing could be
//   used is never taken for "nothing found".
// - The same change gives the same messages, byte for byte: that is how a retry finds the answers that were paid for.
// - All requests together stay near eight times the diff, three of which belong to the verifier.
import type { Examination, Material, ProblemFinder } from '../jobs/ports.ts'
import { UserError } from '../review/errors.ts'
import type { FileLeftOut } from '../review/outcome.ts'
import type { Change } from '../review/pull-request.ts'
import { type Answer, answerForm, readAnswer } from './answer.ts'
import { packFiles, tokensOf } from './budget.ts'
import { type Around, nothingAround, readAround } from './context.ts'
import { converse, type Line, sizeOf, type Tools } from './converse.ts'
import { allowancesOf, type ExaminationLimits, largeChange, limitsFor, smallChange, usualLimits } from './limits.ts'
import { ContextTooLongError } from './model.ts'
import { buildPrompt, type Part } from './prompt.ts'
import { reviewersFor } from './reviewers.ts'
import { type ShownFile, showFile } from './shown-file.ts'
import { createOpened, linesShown } from './tools/opened.ts'
import type { Library } from './tools/tool.ts'
import { createToolbox } from './tools/toolbox.ts'

export interface ProblemFinderOptions extends Line {
  /** `undefined`: the repository cannot be read, and the diff has to do. */
  openLibrary?: (change: Change, signal: AbortSignal) => Promise<Omit<Library, 'files'> | undefined>
  limits?: ExaminationLimits
}

export function createProblemFinder(options: ProblemFinderOptions): ProblemFinder {
  const means = { limits: usualLimits, ...options }
  return {
    async examine(material, signal) {
      const within = AbortSignal.any([signal, AbortSignal.timeout(means.limits.timeoutMs)])
      try {
        return await examineParts(means, material, within)
      } catch (error) {
        if (signal.aborted || !within.aborted) throw error
        throw new Error(`the examination took longer than ${means.limits.timeoutMs / 1000} s`, { cause: error })
      }
    },
  }
}

type Means = ProblemFinderOptions & { limits: ExaminationLimits }

/** Calls at the same time: hosted models take more, a model of one's own serves them one after the other. */
const atOnce = 3

async function examineParts(options: Means, material: Material, signal: AbortSignal): Promise<Examination> {
  const means = { ...options, limits: await limitsFor(options, options.limits) }
  const { leftOut, shown } = showFiles(material)
  const { maxPartTokens: maxTokens, maxParts } = means.limits
  const packed = packFiles(shown, { maxTokens, maxParts })
  const opened = await means.openLibrary?.(material.change, signal)
  const library = opened && { ...opened, files: shown }
  const isSmall = packed.parts.length === 1 && shown.length <= smallChange.files
  const allowances = allowancesOf(packed.parts)
  const matters = packed.parts.map((files, index): Matter => ({
    files,
    isSmall,
    material,
    name: String(index + 1),
    allowance: Math.max(allowances[index] ?? 0, isSmall ? smallChange.allowance : 0),
    ...(library ? { library } : {}),
  }))
  const examined: PartExamined[] = []
  for (let next = 0; next < matters.length; next += atOnce) {
    const wave = matters.slice(next, next + atOnce)
    examined.push(...(await allOf(wave.map((matter) => examinePart(means, matter, signal)))))
  }
  return merge(examined, [...leftOut, ...packed.leftOut])
}

/** Waits for all, also when one fails: an answer that comes after the review was put off would be paid for and lost. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}

function showFiles({ files }: Material): { shown: ShownFile[]; leftOut: FileLeftOut[] } {
  const shown: ShownFile[] = []
  const leftOut: FileLeftOut[] = []
  for (const file of files.map(showFile)) {
    if ('reason' in file) leftOut.push({ kind: 'unread', ...file })
    else shown.push(file)
  }
  return { shown, leftOut }
}

/** What one call is about. */
interface Matter {
  material: Material
  files: readonly ShownFile[]
  library?: Library
  /** For the journal's keys. */
  name: string
  isSmall: boolean
  /** Estimated tokens of all requests. */
  allowance: number
}

interface PartExamined {
  files: readonly ShownFile[]
  answers: Answer[]
  leftOut: FileLeftOut[]
}

/** Some ten findings: enough for the small context that needs it. */
const briefAnswerTokens = 3_000
/** A part that is cut into less is all instructions. */
const minPartTokens = 200

/**
 * A request that is too long is refused before it costs anything. First everything but the diff goes and the room for the
 * answer shrinks; then the part is cut in half, and so on.
 */
async function examinePart(means: Means, matter: Matter, signal: AbortSignal): Promise<PartExamined> {
  const { files, library, ...bare } = matter
  try {
    return { files, answers: [await askAbout(means, matter, signal)], leftOut: [] }
  } catch (error) {
    if (!(error instanceof ContextTooLongError)) throw error
    if (library || means.limits.maxOutputTokens > briefAnswerTokens) {
      const limits = { ...means.limits, maxOutputTokens: Math.min(means.limits.maxOutputTokens, briefAnswerTokens) }
      return examinePart({ ...means, limits }, { ...bare, files, isSmall: false }, signal)
    }
    const tokens = files.reduce((sum, file) => sum + tokensOf(file), 0)
    // A little more than half, so that two files of about the same size are not cut.
    const halves = packFiles(files, { maxTokens: Math.ceil(tokens * 0.6), maxParts: 3 })
    if (tokens < minPartTokens) throw contextTooSmall(means, error)
    const examined: PartExamined[] = []
    for (const [index, half] of halves.parts.entries())
      examined.push(await examinePart(means, { ...bare, files: half, name: `${matter.name}.${index + 1}` }, signal))
    return {
      files: examined.flatMap((one) => [...one.files]),
      answers: examined.flatMap((one) => one.answers),
      leftOut: [...halves.leftOut, ...examined.flatMap((one) => one.leftOut)],
    }
  }
}

function contextTooSmall({ model }: Means, cause: Error): UserError {
  return new UserError(
    `The context of the model ${model.name} is too small for even one file of this change. Set OPENAI_MODEL to a larger one.`,
    { cause },
  )
}

const maxRounds = 8

async function askAbout(means: Means, matter: Matter, signal: AbortSignal): Promise<Answer> {
  const { files, library, material, name } = matter
  const { headSha } = material.change.state
  const reviewers = reviewersFor(files.map((file) => file.path))
  const part: Part = { files, around: [], reviewers, description: matter.isSmall ? 'full' : 'brief' }
  const box = library && createToolbox({ library, journal: means.journal, headSha })
  const frame = sizeOf(buildPrompt(material, part), box?.offers)
  const diff = files.reduce((sum, file) => sum + tokensOf(file), 0)
  const room = diff + (matter.isSmall ? smallChange : largeChange).extra - frame
  const around = library ? await aroundOf(means, { ...matter, library }, { maxTokens: room, signal }) : nothingAround
  const names = reviewers.map((reviewer) => reviewer.name)
  const opened = createOpened([...files.flatMap(linesShown), ...around.opened])
  const tools: Tools | undefined = box && { box, opened, maxRounds, allowance: matter.allowance }
  const topic = {
    key: `model:review:${headSha}:${name}`,
    messages: buildPrompt(material, { ...part, around: around.texts }),
    form: answerForm(names),
    read: (text: string) => readAnswer(text, names),
    maxOutputTokens: means.limits.maxOutputTokens,
  }
  return converse(means, tools ? { ...topic, tools } : topic, signal)
}

/** A step of its own: what it reads is foreign, and goes through the journal like everything that is shown. */
function aroundOf(
  { journal }: Means,
  { files, library, material, name }: Matter & { library: Library },
  { maxTokens, signal }: { maxTokens: number; signal: AbortSignal },
): Promise<Around> {
  const input = { paths: files.map((file) => file.path), maxTokens }
  return journal.step(`around:${material.change.state.headSha}:${name}`, input, async () => ({
    output: await readAround(files, { library, maxTokens }, signal),
  }))
}

function merge(examined: readonly PartExamined[], leftOut: readonly FileLeftOut[]): Examination {
  const answers = examined.flatMap((one) => one.answers)
  return {
    // What each part says first, so that three sentences speak of all.
    summary: answers
      .map(({ summary }) => (answers.length === 1 ? summary : firstSentence(summary)))
      .filter(Boolean)
      .join(' '),
    findings: answers.flatMap(({ findings }) => findings),
    malformed: answers.flatMap(({ malformed }) => malformed),
    filesRead: new Set(examined.flatMap(({ files }) => files.map(({ path }) => path))).size,
    leftOut: [...leftOut, ...examined.flatMap((one) => one.leftOut)],
  }
}

function firstSentence(text: string): string {
  return /^[\s\S]*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text
}
