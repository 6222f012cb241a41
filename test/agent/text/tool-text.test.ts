import { expect, test } from 'vitest'
import { describeTool, writeCalls } from '../../../src/agent/text/tool-text.ts'

test('a schema that is no object of properties describes no parameter', () => {
  expect(describeTool({ name: 'a', description: 'Does a.', parameters: { properties: 3 } })).toBe('- `a`: Does a.')
})

test('each parameter stands in a line with its type', () => {
  const properties = {
    text: { type: 'string', description: 'What to look for.' },
    at: { type: 'string', enum: ['head', 'base'] },
    first: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    paths: { type: 'array', items: { type: 'string' } },
    range: { type: 'object', properties: {} },
  }

  expect(describeTool({ name: 'a', description: 'Does a.', parameters: { type: 'object', properties } })).toBe(
    [
      '- `a`: Does a.',
      '  - `text`: string. What to look for.',
      '  - `at`: "head" or "base"',
      '  - `first`: integer or null',
      '  - `paths`: list of string',
      '  - `range`: {"type":"object","properties":{}}',
    ].join('\n'),
  )
})

test('calls are written as they are asked for, with arguments that are no JSON as a text', () => {
  const calls = ['{"path":"a.ts"}', 'a.ts'].map((written) => ({ id: 'x', name: 'read_file', arguments: written }))

  expect(writeCalls(calls)).toBe(
    '{"calls":[{"tool":"read_file","arguments":{"path":"a.ts"}},{"tool":"read_file","arguments":"a.ts"}]}',
  )
})
