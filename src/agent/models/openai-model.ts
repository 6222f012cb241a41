// A model behind any OpenAI-compatible endpoint: Chat Completions, because that is the one route they all have.
// https://platform.openai.com/docs/api-reference/chat/create
//
// What must always hold:
// - One call of `complete` is at most one paid answer. The library's own retries are off: it starts each one with a fresh
//   time-out and ignores a Retry-After of 60 s or more. Whether and when to try again is the queue's business.
// - Requests that a server refuses for their form (structured output, the name of the limit, …) cost nothing. They are sent
//   again in a simpler manner, and the manner that worked is kept for the life of the process.
// - A 200 proves nothing: proxies answer with pages. Only what has choices is an answer.
import OpenAI from 'openai'
import { z } from 'zod'
import type { ModelSetting } from '../../config-model.ts'
import { type Model, type ModelReply, type ModelRequest, noTokens, usesTools } from '../model.ts'
import { readReply } from './chat-reply.ts'
import { bodyOf, type Manner, simplerManner, usualManner } from './chat-request.ts'
import { readContextTokens } from './context-tokens.ts'
import { failureOf, isContentFilter } from './model-failure.ts'

export interface OpenAIModelOptions {
  /** `undefined` sends no Authorization header: servers on the own machine need none. */
  apiKey: string | undefined
  baseUrl: string
  model: string
  /** What names it, for whoever has to mend that; `OPENAI_MODEL` without it. */
  setting?: ModelSetting
  /** For one call, from sending to the last byte. Node's `fetch` gives up waiting for headers after 300 s in any case. */
  timeoutMs: number
}

export function createOpenAIModel(options: OpenAIModelOptions): Model {
  const client = createClient(options)
  const { model, setting = 'OPENAI_MODEL', timeoutMs } = options
  const endpoint = { host: new URL(options.baseUrl).host, model, setting, timeoutMs }
  let works = usualManner
  let contextTokens: Promise<number | undefined> | undefined

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
        const reply = readReply(answer, request)
        if (reply) return reply
        throw new Error(`not an OpenAI-compatible answer from ${endpoint.host}`)
      } catch (error) {
        signal.throwIfAborted()
        if (isContentFilter(error)) return { kind: 'refused', reason: 'content filter', tokens: noTokens }
        manner = simplerManner(manner, error)
        if (!manner) throw failureOf(error, { ...endpoint, usesTools: usesTools(request) })
      }
    }
  }
  return {
    name: options.model,
    complete,
    contextTokens: () => (contextTokens ??= readContextTokens(client, options.model)),
  }
}

/** Everything the library would otherwise read from the environment is given, so that only `config.ts` reads it. */
function createClient({ apiKey, baseUrl, timeoutMs }: OpenAIModelOptions): OpenAI {
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
