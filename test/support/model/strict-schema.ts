// What a strict server demands of a JSON schema: each object lists all of its properties as required and takes no others.
// https://platform.openai.com/docs/guides/structured-outputs#supported-schemas

/** The first thing that is wrong; `undefined` when nothing is. */
export function problemOfStrictSchema(schema: unknown, at = 'schema'): string | undefined {
  if (Array.isArray(schema)) return firstOf(schema.map((one, index) => problemOfStrictSchema(one, `${at}.${index}`)))
  if (typeof schema !== 'object' || schema === null) return undefined
  const { additionalProperties, properties, required, type } = { ...schema } as Record<string, unknown>
  if (type === 'object') {
    if (additionalProperties !== false) return `'additionalProperties' is required to be false at ${at}`
    const names = Object.keys(properties ?? {})
    const missing = names.filter((name) => !(Array.isArray(required) && required.includes(name)))
    if (missing.length > 0) return `'required' must include every key of 'properties' at ${at}: ${missing.join(', ')}`
  }
  return firstOf(Object.entries(schema).map(([key, value]) => problemOfStrictSchema(value, `${at}.${key}`)))
}

function firstOf(problems: (string | undefined)[]): string | undefined {
  return problems.find((one) => one !== undefined)
}
