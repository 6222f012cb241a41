// What OpenAI demands of a conversation with tools: each call is answered, at once and only once, and nothing else is.
// https://platform.openai.com/docs/guides/function-calling#handling-function-calls
import { z } from 'zod'

const call = z.object({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.object({ name: z.string().regex(/^[\w-]{1,64}$/), arguments: z.string() }),
})

const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.string() }),
  z.strictObject({ role: z.literal('user'), content: z.string() }),
  z.strictObject({ role: z.literal('assistant'), content: z.string() }),
  z.strictObject({ role: z.literal('tool'), content: z.string(), tool_call_id: z.string() }),
])

const callingMessage = z.strictObject({
  role: z.literal('assistant'),
  content: z.string().nullish(),
  tool_calls: z.array(call).min(1),
})

const conversation = z.array(z.union([callingMessage, message])).min(1)

export type Conversation = z.infer<typeof conversation>

/** A sentence when a strict server would refuse it. */
export function readConversation(messages: unknown): Conversation | string {
  const parsed = conversation.safeParse(messages)
  if (!parsed.success) return "Invalid value for 'messages'"
  let open: string[] = []
  for (const [index, one] of parsed.data.entries()) {
    if (one.role === 'tool') {
      if (!open.includes(one.tool_call_id))
        return `messages.${index}: messages with role 'tool' must be a response to a preceding message with 'tool_calls'`
      open = open.filter((id) => id !== one.tool_call_id)
      continue
    }
    if (open.length > 0) return unanswered(open)
    open = 'tool_calls' in one ? one.tool_calls.map((called) => called.id) : []
    if (new Set(open).size < open.length) return `messages.${index}: the ids of 'tool_calls' must differ`
  }
  return open.length > 0 ? unanswered(open) : parsed.data
}

function unanswered(ids: readonly string[]): string {
  return `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. Missing: ${ids.join(', ')}`
}
