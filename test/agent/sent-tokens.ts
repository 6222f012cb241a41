// What requests cost at the other end: contents, calls and the forms of tools.
import { z } from 'zod'
import { estimateTokens } from '../../src/agent/budget.ts'
import type { ModelRequest } from '../support/model/model.ts'

const sent = z.object({
  messages: z.array(z.object({ content: z.string().nullish(), tool_calls: z.array(z.unknown()).optional() })),
  tools: z.array(z.unknown()).optional(),
})

/** Of all requests together. */
export function sentTokens(requests: readonly ModelRequest[]): number {
  return requests.reduce((sum, { body }) => sum + tokensOf(sent.parse(body)), 0)
}

function tokensOf({ messages, tools = [] }: z.infer<typeof sent>): number {
  const texts = messages.flatMap((one) => [
    one.content ?? '',
    ...(one.tool_calls ?? []).map((call) => JSON.stringify(call)),
  ])
  return estimateTokens([...texts, ...tools.map((tool) => JSON.stringify(tool))].join('\n'))
}
