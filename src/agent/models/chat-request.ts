// How a request is put to a server, and how more simply when it does not take it.
// https://platform.openai.com/docs/api-reference/chat/create
import { APIError, type OpenAI } from 'openai'
import type { ModelMessage, ModelRequest } from '../model.ts'

/** Each has a simpler one after it. */
export interface Manner {
  format: 'json_schema' | 'json_object' | 'prompted'
  limit: 'max_completion_tokens' | 'max_tokens' | 'none'
  /** The content of a message that only calls tools: `null` by the book, because some refuse an empty text. Others refuse `null`. */
  silence: 'null' | 'empty'
}

export const usualManner: Manner = { format: 'json_schema', limit: 'max_completion_tokens', silence: 'null' }

/** `undefined`: the refusal is not about the manner, or there is no simpler one. */
export function simplerManner(manner: Manner, error: unknown): Manner | undefined {
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
  if (/content.*\b(?:null|nil|none|NoneType)\b/i.test(said) && manner.silence === 'null')
    return { ...manner, silence: 'empty' }
  return undefined
}

export function bodyOf(
  request: ModelRequest,
  model: string,
  manner: Manner,
): OpenAI.ChatCompletionCreateParamsNonStreaming {
  return {
    model,
    messages: request.messages.map((message) => toMessage(message, manner)),
    ...(request.tools === undefined ? formatOf(request, manner) : toolsOf(request.tools, request.toolChoice)),
    ...(manner.limit === 'none' ? {} : { [manner.limit]: request.maxOutputTokens }),
  }
}

type Format = Pick<OpenAI.ChatCompletionCreateParamsNonStreaming, 'response_format'>
type Tools = Pick<OpenAI.ChatCompletionCreateParamsNonStreaming, 'tools' | 'tool_choice'>

function formatOf({ form }: ModelRequest, { format }: Manner): Format {
  if (format === 'prompted') return {}
  if (format === 'json_object') return { response_format: { type: 'json_object' } }
  return { response_format: { type: 'json_schema', json_schema: { ...form, strict: true } } }
}

/** An empty list is refused, and so is a choice without one. */
function toolsOf(tools: NonNullable<ModelRequest['tools']>, choice: ModelRequest['toolChoice']): Tools {
  if (tools.length === 0) return {}
  const offered = tools.map((tool) => ({ type: 'function' as const, function: { ...tool } }))
  return { tools: offered, ...(choice === undefined ? {} : { tool_choice: choice }) }
}

function toMessage(message: ModelMessage, { silence }: Manner): OpenAI.ChatCompletionMessageParam {
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.callId, content: message.content }
  if (message.role !== 'assistant' || !message.toolCalls?.length)
    return { role: message.role, content: message.content }
  const calls = message.toolCalls.map(({ id, name, arguments: written }) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: written },
  }))
  return { role: 'assistant', content: message.content || (silence === 'null' ? null : ''), tool_calls: calls }
}
