// What a scripted model may answer, and what each looks like over HTTP.
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ModelRequest } from './model.ts'

export type ModelAnswer =
  /** A good answer: this value as JSON. */
  | { kind: 'answer'; json: unknown }
  | { kind: 'text'; text: string }
  /** Calls tools, with `text` beside. */
  | { kind: 'calls'; calls: ScriptedCall[]; text?: string }
  /** The token limit ended the answer in the middle. */
  | { kind: 'cut-off'; text: string }
  | { kind: 'refusal'; text: string }
  /** An error in OpenAI's form. */
  | { kind: 'error'; status: number; message: string; code?: string; param?: string }
  /** `retryAfter`: seconds. */
  | { kind: '429'; retryAfter?: number }
  | { kind: '500' }
  /** A proxy's page with status 200. */
  | { kind: 'html' }
  /** Nothing until the client goes away. */
  | { kind: 'hang' }
  | { kind: 'drop' }
  | { kind: 'slow'; ms: number; then: ModelAnswer }

export interface ScriptedCall {
  tool: string
  /** A string goes out as it is. */
  arguments?: object | string
}

/** One of `test/fixtures/model-answers`. */
export function storedAnswer(name: string): ModelAnswer {
  const file = new URL(`../../fixtures/model-answers/${name}.json`, import.meta.url)
  // Written in this shape.
  return JSON.parse(readFileSync(file, 'utf8')) as ModelAnswer
}

interface HttpReply {
  status: number
  headers?: Record<string, string>
  body: object | string
}

export async function sendAnswer(response: ServerResponse, request: ModelRequest, answer: ModelAnswer): Promise<void> {
  if (answer.kind === 'slow') {
    await sleep(answer.ms)
    return sendAnswer(response, request, answer.then)
  }
  if (answer.kind === 'drop') return void response.destroy()
  if (answer.kind === 'hang') return undefined
  const { body, headers, status } = replyOf(request, answer)
  const page = typeof body === 'string'
  response.writeHead(status, { 'content-type': page ? 'text/html' : 'application/json', ...headers })
  response.end(page ? body : JSON.stringify(body))
}

function replyOf(request: ModelRequest, answer: Exclude<ModelAnswer, { kind: 'slow' | 'drop' | 'hang' }>): HttpReply {
  switch (answer.kind) {
    case 'answer':
      return completion(request, JSON.stringify(answer.json), { finishReason: 'stop' })
    case 'text':
      return completion(request, answer.text, { finishReason: 'stop' })
    case 'calls':
      return completion(request, answer.text ?? null, { finishReason: 'tool_calls', calls: answer.calls })
    case 'cut-off':
      return completion(request, answer.text, { finishReason: 'length' })
    case 'refusal':
      return completion(request, null, { finishReason: 'stop', refusal: answer.text })
    case 'error':
      return errorReply(answer.status, answer)
    case '429': {
      const { retryAfter } = answer
      const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
      return { ...errorReply(429, { message: 'Rate limit reached', code: 'rate_limit_exceeded' }), headers }
    }
    case '500':
      return errorReply(500, { message: 'The server had an error while processing your request' })
    case 'html':
      return { status: 200, body: '<!DOCTYPE html><html><body><h1>Welcome to the proxy</h1></body></html>' }
  }
}

/** https://platform.openai.com/docs/guides/error-codes */
export function errorReply(status: number, error: { message: string; code?: string; param?: string }): HttpReply {
  const { code = null, message, param = null } = error
  const type = status >= 500 ? 'server_error' : 'invalid_request_error'
  return { status, body: { error: { message, type, param, code } } }
}

/** https://platform.openai.com/docs/api-reference/chat/object */
function completion(
  request: ModelRequest,
  content: string | null,
  ending: { finishReason: string; refusal?: string; calls?: ScriptedCall[] },
): HttpReply {
  const prompt = countTokens(request.messages.map((one) => one.content).join('\n'))
  const output = countTokens(content ?? ending.refusal ?? '')
  const body = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: request.model,
    choices: [
      {
        index: 0,
        finish_reason: ending.finishReason,
        logprobs: null,
        message: { role: 'assistant', content, refusal: ending.refusal ?? null, ...callsOf(ending.calls, request) },
      },
    ],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: output,
      total_tokens: prompt + output,
      prompt_tokens_details: { cached_tokens: 0 },
    },
  }
  return { status: 200, body }
}

function callsOf(calls: ScriptedCall[] | undefined, { messages }: ModelRequest): object {
  const written = calls?.map(({ arguments: given = {}, tool }, index) => ({
    id: `call_${messages.length}_${index}`,
    type: 'function',
    function: { name: tool, arguments: typeof given === 'string' ? given : JSON.stringify(given) },
  }))
  return written ? { tool_calls: written } : {}
}

/** About what a tokenizer counts. */
function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3.5)
}
