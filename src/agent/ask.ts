// Asks a model until its answer is accepted: once, and once more with what was wrong with the first answer.
import type { TokenCount } from '../jobs/ports.ts'
import { PermanentError } from '../review/errors.ts'
import { type Answer, type NoAnswer, readAnswer } from './answer.ts'
import { addTokens, type Model, type ModelMessage, type ModelReply, type ModelRequest } from './model.ts'

/** The tokens are part of it, so that they are known when the journal answers. They count a first, useless answer too. */
export interface Accepted extends Answer {
  tokens: TokenCount
}

export interface Asking {
  request: ModelRequest
  reviewers: readonly string[]
}

/** Throws an `Error` after two useless answers (worth a retry), `PermanentError` when the model refuses, and what `complete` throws. */
export async function askUntilAccepted(
  model: Model,
  { request, reviewers }: Asking,
  signal: AbortSignal,
): Promise<Accepted> {
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

type Answered = Exclude<ModelReply, { kind: 'refused' | 'calls' }>

async function askOnce(model: Model, request: ModelRequest, signal: AbortSignal): Promise<Answered> {
  const reply = await model.complete(request, signal)
  if (reply.kind === 'calls') return { ...reply, kind: 'text' }
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
