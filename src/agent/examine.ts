// The examination: one call in which all reviewers that apply look at as much of the change as fits, memoised in the journal.
//
// What must always hold:
// - A step is finished only with an answer that was read and accepted. A model that answers nonsense is told so once; then the
//   step fails, nothing is stored, and the queue's next attempt asks anew.
// - What was not read is named in `leftOut`; what was not understood, in `malformed`. An answer of which nothing could be
//   used is never taken for "nothing found".
// - The same change gives the same messages, byte for byte: that is how a retry finds the answer that was paid for.
import type { Examination, Journal, ProblemFinder, TokenCount } from '../jobs/ports.ts'
import { PermanentError, UserError } from '../review/errors.ts'
import type { Change, ChangedFile } from '../review/pull-request.ts'
import { type Answer, answerForm, type NoAnswer, readAnswer } from './answer.ts'
import {
  addTokens,
  ContextTooLongError,
  type Model,
  type ModelMessage,
  type ModelReply,
  type ModelRequest,
} from './model.ts'
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
  limits?: ExaminationLimits
}

export function createProblemFinder({ model, journal, limits = usualLimits }: ProblemFinderOptions): ProblemFinder {
  async function examine(change: Change, files: ChangedFile[], signal: AbortSignal): Promise<Examination> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(limits.timeoutMs)])
    try {
      return await examineWithin(change, files, within)
    } catch (error) {
      if (signal.aborted || !within.aborted) throw error
      throw new Error(`the examination took longer than ${limits.timeoutMs / 1000} s`, { cause: error })
    }
  }

  async function examineWithin(change: Change, files: ChangedFile[], signal: AbortSignal): Promise<Examination> {
    let prompt = buildPrompt(change, files, limits.maxInputTokens)
    let { maxOutputTokens } = limits
    while (prompt.shown > 0) {
      try {
        return { ...(await ask(change, { prompt, maxOutputTokens }, signal)), leftOut: prompt.leftOut }
      } catch (error) {
        if (!(error instanceof ContextTooLongError)) throw error
        // Refused before it cost anything. First the room for the answer shrinks, then the files by half, until it fits.
        if (maxOutputTokens <= briefAnswerTokens)
          prompt = buildPrompt(change, files, prompt.tokens - Math.ceil(prompt.fileTokens / 2))
        maxOutputTokens = Math.min(maxOutputTokens, briefAnswerTokens)
        if (prompt.shown === 0) throw contextTooSmall(model, error)
      }
    }
    return { summary: '', findings: [], malformed: [], leftOut: prompt.leftOut, tokens: noTokens }
  }

  function ask(change: Change, { prompt, maxOutputTokens }: Question, signal: AbortSignal): Promise<Accepted> {
    const { messages, reviewers } = prompt
    const request: ModelRequest = { messages, form: answerForm(reviewers), maxOutputTokens }
    return journal.step(
      `model:review:${change.state.headSha}`,
      { model: model.name, messages, maxOutputTokens },
      async () => {
        const output = await askUntilAccepted(model, { request, reviewers }, signal)
        return { output, tokens: output.tokens }
      },
    )
  }
  return { examine }
}

interface Question {
  prompt: Prompt
  maxOutputTokens: number
}

/** The tokens are part of the output, so that they are known when the journal answers. */
interface Accepted extends Answer {
  tokens: TokenCount
}

/** Some ten findings: enough for the small context that needs it. */
const briefAnswerTokens = 3_000

const noTokens: TokenCount = { input: 0, output: 0, cached: 0 }

function contextTooSmall(model: Model, cause: Error): UserError {
  return new UserError(
    `The context of the model ${model.name} is too small for even one file of this change. Set OPENAI_MODEL to a larger one.`,
    { cause },
  )
}

interface Asking {
  request: ModelRequest
  reviewers: readonly string[]
}

async function askUntilAccepted(model: Model, { request, reviewers }: Asking, signal: AbortSignal): Promise<Accepted> {
  const first = await askOnce(model, request, signal)
  const answer = readAnswer(first.text, reviewers)
  if (!('reason' in answer)) return { ...answer, tokens: first.tokens }
  const second = await askOnce(
    model,
    { ...request, messages: [...request.messages, ...repairOf(first, answer)] },
    signal,
  )
  const better = readAnswer(second.text, reviewers)
  const tokens = addTokens(first.tokens, second.tokens)
  if (!('reason' in better)) return { ...better, tokens }
  throw new Error(`the model ${model.name} gave no usable answer, twice, for ${tokens.input + tokens.output} tokens`)
}

type Answered = Exclude<ModelReply, { kind: 'refused' }>

async function askOnce(model: Model, request: ModelRequest, signal: AbortSignal): Promise<Answered> {
  const reply = await model.complete(request, signal)
  if (reply.kind !== 'refused') return reply
  // The same request would be refused again; a person's Retry asks again.
  throw new PermanentError(`The model ${model.name} refused to review this change.`)
}

function repairOf(reply: Answered, { reason }: NoAnswer): ModelMessage[] {
  const cutOff = reply.kind === 'cut-off' ? ' It was cut off at the limit of tokens: report less, in fewer words.' : ''
  return [
    // An empty message is refused by some servers.
    { role: 'assistant', content: reply.text.slice(0, 4_000).toWellFormed() || '(empty)' },
    {
      role: 'user',
      content: `This answer could not be used. ${reason}${cutOff} Answer again with the one JSON object and nothing else.`,
    },
  ]
}
