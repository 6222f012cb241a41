// Finds calls of tools in what a model wrote as text: in the form it was asked for, or in the one it was trained on.
import { z } from 'zod'
import type { ToolCall, ToolOffer } from '../model.ts'
import { findObject, withoutThoughts } from './find-json.ts'

export interface CallReading {
  offered: readonly ToolOffer[]
  /** How many messages came before the reply: makes the ids of a conversation differ. */
  turn: number
}

type WrittenCall = Omit<ToolCall, 'id'>

/** `undefined`: the text calls nothing that was offered. Thoughts and prose around the calls are bad manners, no mistake. */
export function readCalls(text: string, { offered, turn }: CallReading): ToolCall[] | undefined {
  if (offered.length === 0) return undefined
  const names = new Set(offered.map((tool) => tool.name))
  const calls = taggedCalls(text, names) ?? listedCalls(text, names)
  return calls?.map((call, index) => ({ id: `call_${turn}_${index}`, ...call }))
}

/** `<tool_call>{"name": …, "arguments": {…}}</tool_call>`, once for each call: Hermes and Qwen, where the server does not read it. */
function taggedCalls(text: string, names: ReadonlySet<string>): WrittenCall[] | undefined {
  const tagged = [...withoutThoughts(text).matchAll(/<tool_call>([\s\S]*?)(?:<\/tool_call>|$)/g)]
  const calls = tagged.flatMap(([, json = '']) => listedCalls(json, names) ?? [])
  return calls.length > 0 ? calls : undefined
}

/** `{"calls": […]}` or a single call. Without the list only what was offered is a call: other objects have names, too. */
function listedCalls(text: string, names: ReadonlySet<string>): WrittenCall[] | undefined {
  const found = findObject(text, (value) => callsIn(value, names).length > 0)
  return found && callsIn(found.value, names)
}

const list = z.object({ calls: z.array(z.unknown()).optional(), tool_calls: z.array(z.unknown()).optional() })

function callsIn(value: object, names: ReadonlySet<string>): WrittenCall[] {
  const { calls, tool_calls: likeOpenAI } = list.safeParse(value).data ?? {}
  const listed = (calls ?? likeOpenAI)?.flatMap((one) => callOf(one) ?? [])
  if (listed) return listed
  const single = callOf(value)
  return single && names.has(single.name) ? [single] : []
}

const written = z.object({
  tool: z.string().optional(),
  name: z.string().optional(),
  arguments: z.unknown().optional(),
  parameters: z.unknown().optional(),
  function: z.unknown().optional(),
})

function callOf(value: unknown): WrittenCall | undefined {
  const parsed = written.safeParse(value).data
  if (!parsed) return undefined
  const name = parsed.tool ?? parsed.name
  if (name === undefined) return typeof parsed.function === 'object' ? callOf(parsed.function) : undefined
  const given = parsed.arguments ?? parsed.parameters ?? {}
  return { name, arguments: typeof given === 'string' ? given : JSON.stringify(given) }
}
