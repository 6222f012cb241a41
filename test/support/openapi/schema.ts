// From OpenAPI 3.0's schemas to JSON Schema, and their compiled validators.
import { Ajv, type ValidateFunction } from 'ajv'
import ajvFormats from 'ajv-formats'
import { type Schema, readDescription } from './description.ts'

/** `closed`: an object that lists its properties takes no others. Finds misspelt keys, which GitHub silently ignores. */
export type Openness = 'open' | 'closed'

const componentsId = 'github'

let compiler: Ajv | undefined
/** By the schema's place in the document, which is one object for the life of the process. */
const validators = { open: new Map<Schema, ValidateFunction>(), closed: new Map<Schema, ValidateFunction>() }

function readyCompiler(): Ajv {
  if (compiler) return compiler
  compiler = new Ajv({ strict: false, allErrors: true })
  // The package is CommonJS: its types put the function on `default`, as it is at run time.
  ajvFormats.default(compiler)
  // GitHub's own formats, which it does not define anywhere.
  for (const format of ['repo.nwo', 'ssh-key']) compiler.addFormat(format, true)
  compiler.addSchema({ $id: componentsId, components: toJsonSchema(readDescription().components, 'open') })
  return compiler
}

/** What is wrong with the value, in one line; `undefined` when nothing is. */
export function problemWith(value: unknown, schema: Schema, openness: Openness): string | undefined {
  const ajv = readyCompiler()
  let validate = validators[openness].get(schema)
  if (!validate) {
    validate = ajv.compile(withAbsoluteReferences(toJsonSchema(schema, openness)))
    validators[openness].set(schema, validate)
  }
  return validate(value) ? undefined : ajv.errorsText(validate.errors).slice(0, 500)
}

/** A description's own examples are no part of its schemas; `nullable` is OpenAPI's word for a further type. */
function toJsonSchema(value: unknown, openness: Openness): unknown {
  if (Array.isArray(value)) return value.map((one) => toJsonSchema(one, openness))
  if (value === null || typeof value !== 'object') return value
  const schema: Schema = {}
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'example' || key === 'examples' || key === 'nullable') continue
    schema[key] = key === 'enum' || key === 'default' ? inner : toJsonSchema(inner, openness)
  }
  if (openness === 'closed' && listsItsProperties(schema)) schema['additionalProperties'] = false
  return 'nullable' in value && value.nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema
}

function listsItsProperties(schema: Schema): boolean {
  const combined = 'anyOf' in schema || 'oneOf' in schema || 'allOf' in schema
  return schema['type'] === 'object' && 'properties' in schema && !('additionalProperties' in schema) && !combined
}

function withAbsoluteReferences(schema: unknown): Schema {
  const text = JSON.stringify(schema).replaceAll('"#/components/', `"${componentsId}#/components/`)
  // What went in was a schema.
  return JSON.parse(text) as Schema
}
