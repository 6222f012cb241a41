// A conversation with a model until its answer is accepted: it may ask tools first, in rounds, within an allowance of tokens.
//
// What must always hold:
// - Each request is a step of the journal, finished only with calls or with an answer that was read and accepted. The same
//   conversation gives the same bytes, so a retry is served what was paid for, round by round.
// - A model that answers nonsense is told so once in each round, and one that calls on in the last round is asked afresh, without tools; then the step fails, nothing of it is stored, and the queue's
//   next attempt asks anew.
// - There is an end: the last round takes no calls any more, and what is sent in all rounds together stays near the allowance.
import type { Journal, StepResult, TokenCount } from '../jobs/ports.ts'
import { PaidForNothing, PermanentError, type Taken } from '../review/errors.ts'
import { estimateTokens } from './budget.ts'
import {
  type AnswerForm,
  ContextTooLongError,
  type CountedModel,
  createCountedModel,
  type Model,
  type ModelMessage,
  type ModelReply,
  type ModelRequest,
  type ToolCall,
  type ToolOffer,
} from './model.ts'
import { costOf, type Price } from './prices.ts'
import { answerCalls } from './tools/answer-calls.ts'
import type { Opened } from './tools/opened.ts'
import type { Toolbox } from './tools/toolbox.ts'

/** Who is asked, and who remembers. */
export interface Line {
  model: Model
  /** Of the review. */
  journal: Journal
  /** `undefined`: costs are not known. */
  price?: Price | undefined
}

export interface Topic<T> {
  /** Of the steps; the round's number follows. */
  key: string
  messages: readonly ModelMessage[]
  form: AnswerForm
  /** What an answer is, or why it is none. The reason goes back to the model. */
  read(text: string): T | NoAnswer
  maxOutputTokens: number
  /** Missing: the model answers at once. */
  tools?: Tools
}

export interface Tools {
  box: Toolbox
  opened: Opened
  /** Requests, the last one included. */
  maxRounds: number
  /** Estimated tokens of all requests together. */
  allowance: number
}

/** An answer of which nothing can be used. `reason` goes back to the model. */
export interface NoAnswer {
  reason: string
}

/** Two in one round. Worth a retry. */
export class UselessAnswerError extends Error {
  override readonly name = 'UselessAnswerError'
  constructor(model: CountedModel) {
    const { input, output } = model.taken()
    super(`the model ${model.name} gave no usable answer, twice, for ${input + output} tokens`)
  }
}

/** The same request would be refused again; a person's Retry asks again. */
export class RefusedError extends PermanentError {}

/**
 * Throws `UselessAnswerError` after two useless answers in one round, `RefusedError` when the model does,
 * `ContextTooLongError` when even the first request was too long, and what `complete` and the journal throw.
 */
export async function converse<T>(line: Line, topic: Topic<T>, signal: AbortSignal): Promise<T> {
  const { tools, ...alone } = topic
  // For this request, and all after it.
  let left = tools?.allowance ?? 0
  let turns = turnsWithTools(tools, { round: 1, left, size: sizeOf(topic.messages, tools?.box.offers) })
  let messages = tools ? withNotice(topic.messages, turns) : [...topic.messages]
  for (let round = 1; ; round++) {
    const size = sizeOf(messages, tools?.box.offers)
    const isLast = turns === 0
    const turn = await ask(line, { ...topic, key: `${topic.key}:${round}` }, { messages, isLast, signal }).catch(
      (error) => {
        // What the tools answered was too much: what was known before has to do.
        if (error instanceof ContextTooLongError && round > 1) return undefined
        throw error
      },
    )
    if (!turn || (turn.kind === 'answer' && turn.afresh)) tools?.opened.forget()
    if (!turn) return converse(line, { ...alone, key: `${topic.key}:alone` }, signal)
    if (turn.kind === 'answer') return turn.answer
    // A useless answer before the calls was a request of its own: what the server counted has both.
    left -= Math.max(size, turn.tokens.input)
    const said = tools ? await answerCalls({ ...turn, room: left - size }, tools, signal) : []
    turns = turnsWithTools(tools, { round: round + 1, left, size: sizeOf([...messages, ...said], tools?.box.offers) })
    messages = withNotice([...messages, ...said], turns)
  }
}

/** Estimated tokens of calls and their answers: with less, another round would learn nothing. */
const roomToAsk = 1_000

/** From this round on; 0: it is the last one. An estimate, because nobody knows how long the answers will be. */
function turnsWithTools(tools: Tools | undefined, at: { round: number; left: number; size: number }): number {
  if (!tools) return 0
  // Once more after each.
  const byAllowance = Math.floor((at.left - roomToAsk) / at.size) - 1
  return Math.max(0, Math.min(tools.maxRounds - at.round, byAllowance))
}

/** In estimated tokens. */
export function sizeOf(messages: readonly ModelMessage[], offers: readonly ToolOffer[] = []): number {
  const calls = messages.flatMap((one) => ('toolCalls' in one ? (one.toolCalls ?? []) : []))
  const written = [...calls, ...offers].map((one) => JSON.stringify(one))
  return estimateTokens([...messages.map(({ content }) => content), ...written].join('\n'))
}

type Turn<T> = { tokens: TokenCount } &
  /** `afresh`: given to the first messages alone. */
  ({ kind: 'answer'; answer: T; afresh?: true } | { kind: 'calls'; calls: ToolCall[]; text: string })

interface Round {
  messages: readonly ModelMessage[]
  isLast: boolean
  signal: AbortSignal
}

/** So that nobody puts off what matters. At the end of the last message: some servers take no further one after a tool's answer. */
function withNotice(messages: readonly ModelMessage[], turns: number): ModelMessage[] {
  const notice =
    turns === 0
      ? 'Answer now, with what you know. No more tools.'
      : `You may use tools in ${turns} more ${turns === 1 ? 'turn' : 'turns'}, or answer.`
  return messages.map((one, index) =>
    index === messages.length - 1 ? { ...one, content: `${one.content}\n\n${notice}` } : one,
  )
}

function ask<T>(
  { journal, model, price }: Line,
  topic: Topic<T>,
  { isLast, messages, signal }: Round,
): Promise<Turn<T>> {
  const { form, maxOutputTokens, tools } = topic
  const called = messages.some(({ role }) => role === 'tool')
  const request: ModelRequest = {
    messages,
    form,
    maxOutputTokens,
    ...(tools && (called || !isLast) ? { tools: tools.box.offers } : {}),
    ...(tools && called && isLast ? { toolChoice: 'none' as const } : {}),
  }
  const offered = request.tools?.map(({ name }) => name) ?? []
  const input = { model: model.name, messages: request.messages, maxOutputTokens, tools: offered, isLast }
  return journal.step(topic.key, input, async (): Promise<StepResult<Turn<T>>> => {
    const counted = createCountedModel(model)
    const taken = (): Taken => {
      const tokens = counted.taken()
      return { tokens, ...(price ? { costUsd: costOf(tokens, price) } : {}) }
    }
    try {
      const output = await askTwice(counted, { request, topic, mayCall: !isLast }, signal)
      return { output, ...taken() }
    } catch (error) {
      throw counted.taken().input > 0 ? new PaidForNothing(error, taken()) : error
    }
  })
}

interface Asking<T> {
  request: ModelRequest
  topic: Topic<T>
  mayCall: boolean
}

/** The tokens are part of it, so that they are known when the journal answers. They count a first, useless answer too. */
async function askTwice<T>(model: CountedModel, asking: Asking<T>, signal: AbortSignal): Promise<Turn<T>> {
  const first = await askOnce(model, asking.request, signal)
  const turn = read(first, asking)
  if (turn.kind !== 'useless') return { ...turn, tokens: model.taken() }
  const second = await askOnce(model, askedAgain(asking, { first, reason: turn.reason }), signal)
  const better = read(second, asking)
  const afresh = first.kind === 'calls' ? { afresh: true as const } : {}
  if (better.kind !== 'useless') return { ...better, ...afresh, tokens: model.taken() }
  throw new UselessAnswerError(model)
}

type Usable = Exclude<ModelReply, { kind: 'refused' }>

async function askOnce(model: Model, request: ModelRequest, signal: AbortSignal): Promise<Usable> {
  const reply = await model.complete(request, signal)
  if (reply.kind !== 'refused') return reply
  throw new RefusedError(`The model ${model.name} refused to review this change.`)
}

type ReadTurn<T> =
  | { kind: 'answer'; answer: T }
  | { kind: 'calls'; calls: ToolCall[]; text: string }
  | { kind: 'useless'; reason: string }

function read<T>(reply: Usable, { mayCall, topic }: Asking<T>): ReadTurn<T> {
  if (reply.kind === 'calls' && mayCall) return { kind: 'calls', calls: reply.calls, text: reply.text }
  const answer = topic.read(reply.text)
  if (isNoAnswer(answer)) return { kind: 'useless', reason: answer.reason }
  return { kind: 'answer', answer }
}

function isNoAnswer(answer: unknown): answer is NoAnswer {
  return typeof answer === 'object' && answer !== null && 'reason' in answer
}

/** A model that calls where it may not has lost its way: it is asked as at first, and has no tools. */
function askedAgain<T>(
  { request, topic }: Asking<T>,
  { first, reason }: { first: Usable; reason: string },
): ModelRequest {
  const { tools: _, toolChoice: __, ...bare } = request
  if (first.kind === 'calls') return { ...bare, messages: topic.messages }
  const cutOff = first.kind === 'cut-off' ? ' It was cut off at the limit of tokens: report less, in fewer words.' : ''
  const repair: ModelMessage[] = [
    // An empty message is refused by some servers.
    { role: 'assistant', content: first.text.slice(0, 4_000).toWellFormed() || '(empty)' },
    {
      role: 'user',
      content: `This answer could not be used. ${reason}${cutOff} Answer again with the one JSON object and nothing else.`,
    },
  ]
  return { ...request, messages: [...request.messages, ...repair] }
}
