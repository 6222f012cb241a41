// A model that calls tools, whatever stands behind it: natively where it can, else by the text protocol.
//
// What must always hold:
// - Before the first request with tools it is found out which of the two it is, with one tiny request that belongs to no
//   review; its tokens are told with the next reply. Callers that come meanwhile wait for the same answer; one that gives up
//   takes nobody else with it.
// - Only what is said about tools decides. An endpoint that cannot be reached is an error of that call, and nothing is decided.
// - A server that refuses tools later on (another model behind the same name, or calls that do not come back as it wants them)
//   gets text from then on, for the life of the process. The refused request cost nothing and is put again.
// - Some take earlier calls only beside an offer of tools (Anthropic, Bedrock). Only requests without one are text for them.
import {
  addTokens,
  createCountedModel,
  type Model,
  type ModelReply,
  type ModelRequest,
  noTokens,
  usesTools,
} from '../model.ts'
import { readCalls } from '../text/read-calls.ts'
import { ToolsRefusedError } from './model-failure.ts'
import { createTextToolModel } from './text-tools.ts'

/** Nobody needs to think about it. Thinking models spend hidden tokens all the same: the limit leaves them room. */
const question: ModelRequest = {
  messages: [{ role: 'user', content: 'Call the tool "ready" now.' }],
  form: { name: 'readiness', schema: {} },
  maxOutputTokens: 2000,
  tools: [
    {
      name: 'ready',
      description: 'Says that you are ready.',
      parameters: { type: 'object', properties: {}, required: [], additionalProperties: false },
    },
  ],
}

/** Whether the model calls tools natively. Throws as `Model.complete` does, unless the failure is about tools. */
export async function callsNatively(model: Model, signal: AbortSignal): Promise<boolean> {
  try {
    return (await model.complete(question, signal)).kind === 'calls'
  } catch (error) {
    if (error instanceof ToolsRefusedError) return false
    throw error
  }
}

/** `model` throws `ToolsRefusedError` where it takes no tools. */
export function createCapableModel(model: Model): Model {
  const inText = createTextToolModel(model)
  let isNative: boolean | undefined
  let takesCallsWithoutOffer = true
  let probing: Promise<boolean> | undefined
  let untold = noTokens

  async function probe(): Promise<boolean> {
    const counted = createCountedModel(model)
    try {
      return (isNative = await callsNatively(counted, new AbortController().signal))
    } finally {
      untold = addTokens(untold, counted.taken())
      probing = undefined
    }
  }
  async function ask(request: ModelRequest, signal: AbortSignal): Promise<ModelReply> {
    if (!usesTools(request)) return model.complete(request, signal)
    signal.throwIfAborted()
    isNative ??= await beforeAbort((probing ??= probe()), signal)
    const offers = (request.tools ?? []).length > 0
    if (!isNative || (!offers && !takesCallsWithoutOffer)) return inText.complete(request, signal)
    try {
      return callsInText(await model.complete(request, signal), request)
    } catch (error) {
      if (!(error instanceof ToolsRefusedError)) throw error
      if (offers) isNative = false
      else takesCallsWithoutOffer = false
      return inText.complete(request, signal)
    }
  }
  async function complete(request: ModelRequest, signal: AbortSignal): Promise<ModelReply> {
    const reply = await ask(request, signal)
    const tokens = addTokens(reply.tokens, untold)
    untold = noTokens
    return { ...reply, tokens }
  }
  return { ...model, complete }
}

/** A model may fall back to the calls it was trained on, which the server then does not read. */
function callsInText(reply: ModelReply, { messages, tools = [] }: ModelRequest): ModelReply {
  if (reply.kind !== 'text') return reply
  const calls = readCalls(reply.text, { offered: tools, turn: messages.length })
  return calls ? { kind: 'calls', calls, text: '', tokens: reply.tokens } : reply
}

async function beforeAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const giveUp = (): void => reject(signal.reason)
  signal.addEventListener('abort', giveUp)
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
