// What a failed call to a model means for the review. The library's errors quote the provider, and providers quote keys and
// prompts; so none of them leaves this file, and of the provider's words only an error code does.
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai'
import type { ModelSetting } from '../../config-model.ts'
import { ParkedError, PermanentError, UserError } from '../../review/errors.ts'
import { ContextTooLongError } from '../model.ts'

export interface Endpoint {
  host: string
  model: string
  /** What names the model. */
  setting: ModelSetting
  timeoutMs: number
  /** The request offers tools, or holds calls of them. */
  usesTools: boolean
}

/** The server or the model does not take requests with tools. The same question without them may be taken. */
export class ToolsRefusedError extends PermanentError {}

/** Hosted models report a filtered prompt as a 400. */
export function isContentFilter(error: unknown): boolean {
  return error instanceof APIError && /^content_(?:filter|policy_violation)$/.test(error.code ?? '')
}

/** Says what the caller should do, by the kind of error; see `Model.complete`. */
export function failureOf(error: unknown, endpoint: Endpoint): Error {
  if (!(error instanceof APIError) || error.status === undefined) return withoutAnswer(error, endpoint)
  const { host, model } = endpoint
  const { status } = error
  const said = `${error.message} ${error.code ?? ''}`
  const answered = `the model at ${host} answered ${status}${detailsOf(error)}`
  if (isTooLong(status, said)) return new ContextTooLongError(`${answered}: the request is too long for ${model}`)
  if (endpoint.usesTools && isAboutTools(status, said))
    return new ToolsRefusedError(`${answered}: it takes no tools for ${model}`)
  if (status === 429 || status === 503) {
    const delayMs = waitMs(error)
    if (delayMs !== undefined) return new ParkedError(`${answered} and asked to wait`, delayMs)
  }
  return (
    operatorsError(status, said, endpoint) ?? (isFinal(status) ? new PermanentError(answered) : new Error(answered))
  )
}

/** No HTTP answer at all, or a body that is no JSON. */
function withoutAnswer(error: unknown, { host, timeoutMs }: Endpoint): Error {
  if (error instanceof SyntaxError) return new Error(`not an OpenAI-compatible answer from ${host}`)
  if (error instanceof APIConnectionTimeoutError || isAbort(error))
    return new Error(`no answer from the model at ${host} within ${timeoutMs / 1000} s`)
  // What `fetch` threw: it names the address and the system's reason, nothing of the request.
  if (error instanceof APIConnectionError)
    return new Error(`the model at ${host} cannot be reached`, { cause: error.cause })
  return error instanceof Error ? error : new Error(`the call to the model at ${host} failed`, { cause: error })
}

/** The caller has looked at its own signal: what was aborted now, was aborted by the time-out. */
function isAbort(error: unknown): boolean {
  return (
    error instanceof APIUserAbortError || (error instanceof DOMException && /^(?:Abort|Timeout)Error$/.test(error.name))
  )
}

/**
 * There is no common code. OpenAI: `context_length_exceeded`, and a 429 "Request too large" when one request is larger than
 * a minute's allowance (waiting never helps); vLLM, llama.cpp and Ollama speak of the context's length, size or window.
 */
function isTooLong(status: number, said: string): boolean {
  if (status === 413) return true
  if (status === 429) return /request too large/i.test(said)
  return (
    status === 400 &&
    /context.?(?:length|size|window)|(?:prompt|input) is too long|too many (?:input )?tokens/i.test(said)
  )
}

/**
 * There is no common code here either. "… does not support tools" (Ollama), "No endpoints found that support tool use" (404,
 * OpenRouter), '"auto" tool choice requires …' (vLLM), "tools param requires --jinja flag" (500, llama.cpp), "Function call is
 * missing a thought_signature" (Gemini: signatures are no part of Chat Completions), "reasoning_content" missing (DeepSeek).
 */
function isAboutTools(status: number, said: string): boolean {
  if (status === 500) return /tools? param|param: tools|support tool|parsing tool call/i.test(said)
  return (
    [400, 404, 422, 501].includes(status) &&
    /\btools?\b|tool_|function.?call|thought_signature|reasoning_content|content.*\bempty\b/i.test(said)
  )
}

function operatorsError(status: number, said: string, { host, model, setting }: Endpoint): UserError | undefined {
  if (status === 401) return new UserError(`${host} does not accept OPENAI_API_KEY (401).`)
  if (status === 402) return new UserError(`The account of OPENAI_API_KEY has no credit left at ${host} (402).`)
  if (status === 403)
    return new UserError(`${host} does not let OPENAI_API_KEY use the model ${model} of ${setting} (403).`)
  if (
    (status === 404 || status === 400) &&
    /model.*(?:not.?(?:found|exist)|does not|unknown|no endpoints)|no endpoints/is.test(said)
  )
    return new UserError(`${host} has no model ${model}. Set ${setting} to one that it offers (${status}).`)
  if (status === 404 || status === 405 || (status >= 300 && status < 400))
    return new UserError(`OPENAI_BASE_URL is not the address of Chat Completions: ${host} answered ${status}.`)
  return undefined
}

/** The same request would be refused again. 408, 409 and 425 ask for another try; 429 without a pause is one too. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 409, 425, 429].includes(status)
}

const maxWaitMs = 3_600_000
/** When a 429 names no pause. Limits of providers are mostly counted per minute. */
const unnamedWaitMs = 60_000

/**
 * Retry-After in seconds or as a date (https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3), counted by the server's clock
 * when it names it. At most an hour: then it is asked again. `undefined` for a 503 that names no pause.
 */
function waitMs(error: APIError): number | undefined {
  const retryAfter = error.headers?.get('retry-after') ?? ''
  const now = Date.parse(error.headers?.get('date') ?? '') || Date.now()
  const asked = /^\d+(?:\.\d+)?$/.test(retryAfter.trim()) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now
  if (Number.isFinite(asked)) return Math.min(Math.max(asked, 1000), maxWaitMs)
  if (error.status !== 429) return undefined
  // An empty account is refilled by a person, not by the next minute.
  return error.code === 'insufficient_quota' ? maxWaitMs : unnamedWaitMs
}

/** The provider's error code and request id, when they look like such and not like a sentence or a key. */
function detailsOf(error: APIError): string {
  const code = /^[a-z_]{3,60}$/i.exec(String(error.code ?? error.type ?? ''))?.[0]
  const request = /^[\w-]{1,80}$/.exec(error.requestID ?? '')?.[0]
  return `${code ? ` (${code})` : ''}${request ? `, request ${request}` : ''}`
}
