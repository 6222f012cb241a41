// What an answer of Chat Completions says. Servers differ: what can be understood is understood.
// https://platform.openai.com/docs/api-reference/chat/object
import { z } from 'zod'
import type { TokenCount } from '../../jobs/ports.ts'
import type { ModelReply, ModelRequest, ToolCall } from '../model.ts'

const count = z.number().nullish()

const toolCall = z.object({
  id: z.string().nullish(),
  function: z.object({
    name: z.string(),
    // A string by the book; some servers send the object, or nothing where there is nothing to say.
    arguments: z
      .unknown()
      .optional()
      .transform((value) => (typeof value === 'string' ? value : JSON.stringify(value ?? {}))),
  }),
})

const completion = z.object({
  choices: z
    .array(
      z.object({
        // Not a list of known ones: servers invent some, and the rest of the answer tells what it is.
        finish_reason: z.string().nullish(),
        message: z.object({
          // Parts instead of a string: some servers put the thinking into a part of its own.
          content: z
            .union([z.string(), z.array(z.object({ type: z.string(), text: z.string().optional() }))])
            .nullish(),
          refusal: z.string().nullish(),
          tool_calls: z.array(toolCall).nullish(),
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

/** `undefined`: it is no such answer. */
export function readReply(answer: unknown, request: ModelRequest): ModelReply | undefined {
  const parsed = completion.safeParse(answer)
  const choice = parsed.data?.choices[0]
  if (!choice) return undefined
  const usage = parsed.data?.usage
  const tokens: TokenCount = {
    input: usage?.prompt_tokens ?? 0,
    output: usage?.completion_tokens ?? 0,
    cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
  }
  const { finish_reason: ending, message } = choice
  if (message.refusal) return { kind: 'refused', reason: message.refusal, tokens }
  if (ending === 'content_filter') return { kind: 'refused', reason: 'content filter', tokens }
  const { content } = message
  const text = typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('')
  const calls = withOwnIds(message.tool_calls ?? [], request.messages.length)
  // What the limit ended in the middle of a call is not what the model wanted to call.
  const whole = ending === 'length' ? calls.filter((call) => isJson(call.arguments)) : calls
  if (whole.length > 0 && request.tools?.length) return { kind: 'calls', calls: whole, text, tokens }
  return { kind: ending === 'length' ? 'cut-off' : 'text', text, tokens }
}

/** Some servers give no id, or the same one to all: the place in the conversation is one. */
function withOwnIds(written: readonly z.infer<typeof toolCall>[], turn: number): ToolCall[] {
  const seen = new Set<string>()
  return written.map(({ function: called, id }, index) => {
    const own = id && !seen.has(id) ? id : `call_${turn}_${index}`
    seen.add(own)
    return { id: own, ...called }
  })
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
