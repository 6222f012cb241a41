// The messages that go on with a conversation after a turn in which the model called tools.
//
// What must always hold: strict servers take them, whatever the model wrote. Each call is answered once, in their order; names and
// arguments have the form that servers want. Answers are data inside a fence, and what was answered is remembered as opened.
import { estimateTokens } from '../budget.ts'
import { fenced, fenceFor } from '../fence.ts'
import type { ModelMessage, ToolCall } from '../model.ts'
import type { Opened } from './opened.ts'
import { parseArguments, show, type Toolbox } from './toolbox.ts'
import { says } from './tool.ts'

export interface Asked {
  calls: readonly ToolCall[]
  /** What was said beside them. */
  text: string
  /** Estimated tokens for all messages. What does not fit is not answered. */
  room: number
}

/** Of one turn: a model that asks for more has lost its way. The others were never made, as far as the conversation tells. */
const maxCalls = 12
/** Estimated tokens of an answer that says nothing, with its fence. */
const leastTokens = 40
/** In UTF-16 units. Thoughts are sent again in every round. */
const maxText = 2_000

export async function answerCalls(
  { calls, room, text }: Asked,
  { box, opened }: { box: Toolbox; opened: Opened },
  signal: AbortSignal,
): Promise<ModelMessage[]> {
  const taken = calls.slice(0, maxCalls)
  const content = text.slice(0, maxText).toWellFormed()
  const messages: ModelMessage[] = [{ role: 'assistant', content, toolCalls: taken.map(asSaidOn) }]
  let free = room - estimateTokens(JSON.stringify(messages)) - taken.length * leastTokens
  for (const call of taken) {
    const full = free > 0 ? await box.run(call, signal) : undefined
    const fits = full && estimateTokens(full.text) < free ? full : show(says('There is no room for this answer.'))
    for (const lines of fits.opened) opened.add(lines)
    if (fits === full) free -= estimateTokens(full.text)
    messages.push({ role: 'tool', callId: call.id, content: fenced(fenceFor([fits.text]), 'answer', fits.text) })
  }
  return messages
}

/** Some servers refuse a conversation, and with it the review, for a name or for arguments that the model invented. */
function asSaidOn({ id, arguments: text, name }: ToolCall): ToolCall {
  const given = parseArguments(text)
  return { id, name: name.replace(/[^\w-]/g, '_').slice(0, 64) || 'unknown', arguments: JSON.stringify(given ?? {}) }
}
