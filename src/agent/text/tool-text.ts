// Tools and their calls as text, for whoever has no other way to read them.
import { z } from 'zod'
import type { ToolCall, ToolOffer } from '../model.ts'

/** A line for the tool, and one for each of its parameters. */
export function describeTool({ description, name, parameters }: ToolOffer): string {
  const properties = z.record(z.string(), z.unknown()).catch({}).parse(parameters['properties'])
  const rows = Object.entries(properties).map(([key, schema]) => {
    const said = schemaPart.safeParse(schema).data?.description
    return `  - \`${key}\`: ${typeOf(schema)}${said === undefined ? '' : `. ${said}`}`
  })
  return [`- \`${name}\`: ${description}`, ...rows].join('\n')
}

const schemaPart = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  items: z.unknown().optional(),
  description: z.string().optional(),
})

/** `string`, `integer or null`, `list of string`, `"head" or "base"`. What is none of these stands there as the schema it is. */
function typeOf(schema: unknown): string {
  const parsed = schemaPart.safeParse(schema).data
  if (parsed?.enum) return parsed.enum.map((value) => JSON.stringify(value)).join(' or ')
  if (parsed?.anyOf) return parsed.anyOf.map(typeOf).join(' or ')
  if (parsed?.type === 'array' && parsed.items !== undefined) return `list of ${typeOf(parsed.items)}`
  if (parsed?.type !== undefined && parsed.type !== 'object') return [parsed.type].flat().join(' or ')
  return JSON.stringify(schema)
}

/** As a model is asked to write its calls. */
export function writeCalls(calls: readonly ToolCall[]): string {
  const written = calls.map((call) => ({ tool: call.name, arguments: parsedOrText(call.arguments) }))
  return JSON.stringify({ calls: written })
}

function parsedOrText(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}
