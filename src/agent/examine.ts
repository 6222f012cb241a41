// The examination: one call in which all reviewers that apply look at as much of the change as fits, memoised in the journal.
//
// What must always hold:
// - A step is finished only with an answer that was read and accepted. A model that answers nonsense is told so once; then the
//   step fails, nothing is stored, and the queue's next attempt asks anew.
// - What was not read is named in `leftOut`; what was not understood, in `malformed`. An answer of which nothing could be
//   used is never taken for "nothing found".
// - The same change gives the same messages, byte for byte: that is how a retry finds the answer that was paid for.
import type { Examination, Journal, Material, ProblemFinder } from '../jobs/ports.ts'
import { UserError } from '../review/errors.ts'
import { answerForm } from './answer.ts'
import { type Accepted, askUntilAccepted } from './ask.ts'
import { ContextTooLongError, type Model, type ModelRequest } from './model.ts'
import { costOf, type Price } from './prices.ts'
import { buildPrompt, type Prompt } from './prompt.ts'

export interface ExaminationLimits {
  /** Estimated tokens of all messages of one call. */
  maxInputTokens: number
  /** Hard limit for one answer, thoughts included. */
  maxOutputTokens: number
  /** For all calls of one examination together. */
  timeoutMs: number
}

/**
 * 100,000 tokens fit the context of current hosted models and are about 350 kB of diff; a smaller context is found out by
 * asking. 16,000 are some fifty findings and the thoughts before them.
 */
export const usualLimits: ExaminationLimits = { maxInputTokens: 100_000, maxOutputTokens: 16_000, timeoutMs: 600_000 }

export interface ProblemFinderOptions {
  model: Model
  /** Of the review that is examined. */
  journal: Journal
  /** `undefined`: costs are not known. */
  price?: Price | undefined
  limits?: ExaminationLimits
}

export function createProblemFinder({
  model,
  journal,
  price,
  limits = usualLimits,
}: ProblemFinderOptions): ProblemFinder {
  return {
    async examine(material, signal) {
      const within = AbortSignal.any([signal, AbortSignal.timeout(limits.timeoutMs)])
      try {
        return await examineWhatFits({ model, journal, price, limits }, material, within)
      } catch (error) {
        if (signal.aborted || !within.aborted) throw error
        throw new Error(`the examination took longer than ${limits.timeoutMs / 1000} s`, { cause: error })
      }
    },
  }
}

type Means = ProblemFinderOptions & { limits: ExaminationLimits }

/** Some ten findings: enough for the small context that needs it. */
const briefAnswerTokens = 3_000

/**
 * A request that is too long is refused before it costs anything. First the room for the answer shrinks, then the files by
 * half, until it fits.
 */
async function examineWhatFits(means: Means, material: Material, signal: AbortSignal): Promise<Examination> {
  const { maxInputTokens, maxOutputTokens } = means.limits
  let question: Question = { prompt: buildPrompt(material, maxInputTokens), maxOutputTokens }
  while (question.prompt.shown > 0) {
    try {
      const { leftOut, shown: filesRead } = question.prompt
      return { ...(await ask(means, question, signal)), filesRead, leftOut }
    } catch (error) {
      if (!(error instanceof ContextTooLongError)) throw error
      const shorter = shorten(question, material)
      if (!shorter) throw contextTooSmall(means.model, error)
      question = shorter
    }
  }
  const tokens = { input: 0, output: 0, cached: 0 }
  return { summary: '', findings: [], malformed: [], filesRead: 0, leftOut: question.prompt.leftOut, tokens }
}

interface Question {
  prompt: Prompt
  maxOutputTokens: number
}

/** `undefined` when not even one file would be left, or nothing would be saved. */
function shorten({ prompt, maxOutputTokens }: Question, material: Material): Question | undefined {
  if (maxOutputTokens > briefAnswerTokens) return { prompt, maxOutputTokens: briefAnswerTokens }
  const shorter = buildPrompt(material, prompt.tokens - Math.ceil(prompt.fileTokens / 2))
  if (shorter.shown === 0 || shorter.fileTokens >= prompt.fileTokens) return undefined
  return { prompt: shorter, maxOutputTokens }
}

function contextTooSmall(model: Model, cause: Error): UserError {
  return new UserError(
    `The context of the model ${model.name} is too small for even one file of this change. Set OPENAI_MODEL to a larger one.`,
    { cause },
  )
}

function ask(
  { model, journal, price }: Means,
  { prompt, maxOutputTokens }: Question,
  signal: AbortSignal,
): Promise<Accepted> {
  const { headSha, messages, reviewers } = prompt
  const request: ModelRequest = { messages, form: answerForm(reviewers), maxOutputTokens }
  const input = { model: model.name, messages, maxOutputTokens }
  return journal.step(`model:review:${headSha}`, input, async () => {
    const output = await askUntilAccepted(model, { request, reviewers }, signal)
    return { output, tokens: output.tokens, ...(price ? { costUsd: costOf(output.tokens, price) } : {}) }
  })
}
