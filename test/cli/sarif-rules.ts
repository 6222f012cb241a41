// What the standard demands of the parts that we write, and nothing else is allowed in them: misspelt keys are silently ignored
// by whoever reads a log. By the sections of https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
import { Ajv } from 'ajv'

const text = { type: 'string', minLength: 1 }
const index = { type: 'integer', minimum: 0 }
const lineNumber = { type: 'integer', minimum: 1 }
const level = { enum: ['none', 'note', 'warning', 'error'] }

function closed(required: string[], properties: Record<string, object>): object {
  return { type: 'object', required, properties, additionalProperties: false }
}

const listOf = (items: object): object => ({ type: 'array', items })
/** 3.11: plain text. */
const message = closed(['text'], { text })
/** 3.4: a relative reference, so no scheme and no space, below what `uriBaseId` stands for. */
const artifactLocation = closed(['uri'], { uri: { type: 'string', pattern: '^[^/:\\s][^:\\s]*$' }, uriBaseId: text })
/** 3.30 */
const region = closed(['startLine'], { startLine: lineNumber, endLine: lineNumber })
/** 3.28, 3.29 */
const location = closed(['physicalLocation'], {
  physicalLocation: closed(['artifactLocation'], { artifactLocation, region }),
})
/** 3.55 to 3.57 */
const replacement = closed(['deletedRegion'], {
  deletedRegion: region,
  insertedContent: closed(['text'], { text: { type: 'string' } }),
})
const fix = closed(['artifactChanges'], {
  description: message,
  artifactChanges: listOf(
    closed(['artifactLocation', 'replacements'], { artifactLocation, replacements: listOf(replacement) }),
  ),
})
/** 3.27 */
const result = closed(['message', 'ruleId', 'locations'], {
  ruleId: text,
  ruleIndex: index,
  level,
  message,
  locations: listOf(location),
  partialFingerprints: { type: 'object', additionalProperties: text },
  fixes: listOf(fix),
  properties: { type: 'object' },
})
/** 3.20, 3.58 */
const invocation = closed(['executionSuccessful'], {
  executionSuccessful: { type: 'boolean' },
  toolExecutionNotifications: listOf(closed(['message'], { level, message })),
})
/** 3.18, 3.19, 3.49 */
const rule = closed(['id'], { id: text, shortDescription: message })
const tool = closed(['driver'], { driver: closed(['name'], { name: text, rules: listOf(rule) }) })
/** 3.13, 3.14 */
const log = closed(['version', 'runs'], {
  $schema: text,
  version: { const: '2.1.0' },
  runs: listOf(
    closed(['tool', 'results'], {
      tool,
      columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
      invocations: listOf(invocation),
      results: listOf(result),
      properties: { type: 'object' },
    }),
  ),
})

const validate = new Ajv({ allErrors: true }).compile(log)

/** What is wrong with a log; empty when nothing is. */
export function sarifMistakes(value: unknown): string[] {
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message: wrong }) => `${instancePath} ${wrong}`)
}
