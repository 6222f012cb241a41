// A model behind any OpenAI-compatible endpoint: Chat Completions, because that is the one route they all have.
// https://platform.openai.com/docs/api-reference/chat/create
//
// What must always hold:
// - One call of `complete` is at most one paid answer. The library's own retries are off: it starts each one with a fresh
//   time-out and ignores a Retry-After of 60 s or more. Whether and when to try again is the queue's business.
// - Requests that a server refuses for their form (structured output, the name of the limit) cost nothing. They are sent
//   again in a simpler manner, and the manner that worked is kept for the life of the process.
// - A 200 proves nothing: proxies answer with pages. Only what has choices is an answer.
import OpenAI, { APIError } from 'openai'
import { z } from 'zod'
import type { TokenCount } from '../../jobs/ports.ts'
import { failureOf, isContentFilter } from './model-failure.ts'
import type { Model, ModelMessage, ModelReply, ModelRequest, ToolCall } from '../model.ts'

export interface OpenAIModelOptions {
  /** `undefined` sends no Authorization header: servers on the own machine need none. */
  apiKey: string | undefined
  baseUrl: string
  model: string
  /** For one call, from sending to the last byte. Node's `fetch` gives up waiting for headers after 300 s in any case. */
  timeoutMs: number
}

export function createOpenAIModel(options: OpenAIModelOptions): Model {
  const client = createClient(options)
  const endpoint = { host: new URL(options.baseUrl).host, model: options.model, timeoutMs: options.timeoutMs }
  let works: Manner = { format: 'json_schema', limit: 'max_completion_tokens' }

  async function complete(request: ModelRequest, signal: AbortSignal): Promise<ModelReply> {
    let manner: Manner | undefined = works
    for (;;) {
      signal.throwIfAborted()
      try {
        const within = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)])
        const answer: unknown = await client.chat.completions.create(bodyOf(request, options.model, manner), {
          signal: within,
        })
        works = manner
        return replyOf(answer, endpoint.host)
      } catch (error) {
        signal.throwIfAborted()
        if (isContentFilter(error)) return { kind: 'refused', reason: 'content filter', tokens: noTokens }
        manner = simplerManner(manner, error)
        if (!manner) throw failureOf(error, endpoint)
      }
    }
  }
  return { name: options.model, complete }
}

/** Everything the library would otherwise read from the environment is given, so that only `config.ts` reads it. */
export function createClient({ apiKey, baseUrl, timeoutMs }: OpenAIModelOptions): OpenAI {
  return new OpenAI({
    apiKey: apiKey ?? 'none',
    ...(apiKey === undefined ? { defaultHeaders: { authorization: null } } : {}),
    baseURL: baseUrl,
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    // Code under review goes to the configured host and is not carried on to another one.
    fetchOptions: { redirect: 'manual' },
    fetch: fetchWithErrorObject,
  })
}

/**
 * The library reads the reason of a refusal from `error` in the body and drops every other form. Some compatible servers send
 * `{"message": …}` or `{"detail": …}`: those are wrapped, so that the reason can be looked at.
 */
async function fetchWithErrorObject(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init)
  if (response.ok || !response.headers.get('content-type')?.includes('json')) return response
  const text = await response.text()
  const wrapped = hasErrorObject(text) ? text : `{"error":${text}}`
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  headers.delete('content-encoding') // `text` is decoded already
  return new Response(wrapped, { status: response.status, headers })
}

function hasErrorObject(json: string): boolean {
  try {
    return z.object({ error: z.unknown() }).safeParse(JSON.parse(json)).data?.error !== undefined
  } catch {
    return true // no JSON in spite of its name: left to the library
  }
}

/** How a request is put. Each has a simpler one after it. */
interface Manner {
  format: 'json_schema' | 'json_object' | 'prompted'
  limit: 'max_completion_tokens' | 'max_tokens' | 'none'
}

/** `undefined`: the refusal is not about the manner, or there is no simpler one. */
function simplerManner(manner: Manner, error: unknown): Manner | undefined {
  if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return undefined
  const said = `${error.message} ${error.param ?? ''}`
  if (/response_?format|json_?schema|json_?object|structured.?output|grammar/i.test(said)) {
    if (manner.format === 'json_schema') return { ...manner, format: 'json_object' }
    if (manner.format === 'json_object') return { ...manner, format: 'prompted' }
  }
  // A prompt that is too long is refused in the same breath, and a limit left out does not make it shorter.
  if (/max_(?:completion_)?tokens/i.test(said) && !/context/i.test(said)) {
    if (manner.limit === 'max_completion_tokens') return { ...manner, limit: 'max_tokens' }
    if (manner.limit === 'max_tokens') return { ...manner, limit: 'none' }
  }
  return undefined
}

function bodyOf(request: ModelRequest, model: string, manner: Manner): OpenAI.ChatCompletionCreateParamsNonStreaming {
  const { form } = request
  return {
    model,
    messages: request.messages.map(toMessage),
    ...(request.tools === undefined
      ? {}
      : { tools: request.tools.map((tool) => ({ type: 'function', function: { ...tool } })) }),
    ...(request.toolChoice === undefined ? {} : { tool_choice: request.toolChoice }),
    ...(manner.format === 'json_schema' && request.tools === undefined
      ? { response_format: { type: 'json_schema', json_schema: { ...form, strict: true } } }
      : {}),
    ...(manner.format === 'json_object' && request.tools === undefined
      ? { response_format: { type: 'json_object' } }
      : {}),
    ...(manner.limit === 'none' ? {} : { [manner.limit]: request.maxOutputTokens }),
  }
}

function toMessage(message: ModelMessage): OpenAI.ChatCompletionMessageParam {
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.callId, content: message.content }
  if (message.role !== 'assistant' || message.toolCalls === undefined) return message
  const calls = message.toolCalls.map(({ id, name, arguments: written }) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: written },
  }))
  return { role: 'assistant', content: message.content, tool_calls: calls }
}

const noTokens: TokenCount = { input: 0, output: 0, cached: 0 }
const count = z.number().nullish()

const completion = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          // Parts instead of a string: some servers put the thinking into a part of its own.
          content: z
            .union([z.string(), z.array(z.object({ type: z.string(), text: z.string().optional() }))])
            .nullish(),
          refusal: z.string().nullish(),
          tool_calls: z
            .array(
              z.object({ id: z.string().nullish(), function: z.object({ name: z.string(), arguments: z.string() }) }),
            )
            .nullish(),
        }),
      }),
    )
    .min(1),
  usage: z
    .object({
      prompt_tokens: count,
      completion_tokens: count,
      prompt_tokens_details: z.object({ cached_tokens: count }).nullish(),
    })
    .nullish(),
})

function replyOf(answer: unknown, host: string): ModelReply {
  const parsed = completion.safeParse(answer)
  const choice = parsed.data?.choices[0]
  if (!choice) throw new Error(`not an OpenAI-compatible answer from ${host}`)
  const usage = parsed.data?.usage
  const tokens: TokenCount = {
    input: usage?.prompt_tokens ?? 0,
    output: usage?.completion_tokens ?? 0,
    cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
  }
  const { content, refusal } = choice.message
  if (refusal) return { kind: 'refused', reason: refusal, tokens }
  if (choice.finish_reason === 'content_filter') return { kind: 'refused', reason: 'content filter', tokens }
  const text = typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('')
  // Some servers give no id: the place in the list is one.
  const calls = (choice.message.tool_calls ?? []).map(({ function: called, id }, index): ToolCall => ({
    id: id || `call_${index}`,
    ...called,
  }))
  if (calls.length > 0) return { kind: 'calls', calls, text, tokens }
  return { kind: choice.finish_reason === 'length' ? 'cut-off' : 'text', text, tokens }
}
