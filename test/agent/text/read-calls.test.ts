import { expect, test } from 'vitest'
import { readCalls } from '../../../src/agent/text/read-calls.ts'

const offered = ['read_file', 'search'].map((name) => ({ name, description: '', parameters: {} }))

/** Name and arguments of each call. */
function callsIn(text: string) {
  return readCalls(text, { offered, turn: 3 })?.map((call) => [call.name, call.arguments])
}

test.each([
  ['an answer', '{"summary": "It calls a tool.", "findings": []}'],
  [
    'an answer that quotes a call',
    JSON.stringify({ findings: [{ body: 'It sends {"calls": [{"tool": "search"}]}.' }] }),
  ],
  ['prose', 'I would call read_file now.'],
  ['no call at all', '{"calls": []}'],
  ['an object with the name of something else', '{"name": "Ada", "arguments": {}}'],
  ['a call that was only thought of', '<think>{"calls": [{"tool": "search"}]}</think>{"findings": []}'],
  ['a list of something else', '{"calls": ["search", 3, {"to": "read_file"}]}'],
  ['a tag with nothing in it', '<tool_call></tool_call>'],
])('%s calls nothing', (_, text) => {
  expect(callsIn(text)).toBeUndefined()
})

test('without an offer nothing is called', () => {
  expect(readCalls('{"calls": [{"tool": "search"}]}', { offered: [], turn: 3 })).toBeUndefined()
})

test('a call of what nobody offered is handed on: whoever runs it says so', () => {
  expect(callsIn('{"calls": [{"tool": "delete_file", "arguments": {"path": "a"}}]}')).toEqual([
    ['delete_file', '{"path":"a"}'],
  ])
})

test.each([
  ['as asked', '{"calls": [{"tool": "search", "arguments": {"pattern": "a"}}]}'],
  ['in prose', 'I need to look.\n{"calls": [{"tool": "search", "arguments": {"pattern": "a"}}]}\nThen I answer.'],
  ['in a fence', '```json\n{"calls": [{"tool": "search", "arguments": {"pattern": "a"}},]}\n```'],
  ['after a thought', '<think>{}</think>{"calls": [{"tool": "search", "arguments": {"pattern": "a"}}]}'],
  ['as a single call', '{"tool": "search", "arguments": {"pattern": "a"}}'],
  ['in the form of Llama', '{"name": "search", "parameters": {"pattern": "a"}}'],
  ['in the form of Mistral', '[TOOL_CALLS][{"name": "search", "arguments": {"pattern": "a"}}]'],
  ['in the form of Qwen', '<tool_call>\n{"name": "search", "arguments": {"pattern": "a"}}\n</tool_call>'],
  ['in one that was cut off', '<tool_call>{"name": "search", "arguments": {"pattern": "a"}}'],
  [
    'in the form of Chat Completions',
    '{"tool_calls": [{"type": "function", "function": {"name": "search", "arguments": "{\\"pattern\\":\\"a\\"}"}}]}',
  ],
])('a call %s is understood', (_, text) => {
  expect(callsIn(text)).toEqual([['search', '{"pattern":"a"}']])
})

test('several calls have ids that differ from those of other turns', () => {
  const twice = '{"calls": [{"tool": "search"}, {"tool": "read_file", "arguments": "a.ts"}]}'
  const tagged = '<tool_call>{"name": "search"}</tool_call>\n<tool_call>{"name": "read_file"}</tool_call>'

  expect(readCalls(twice, { offered, turn: 3 })).toEqual([
    { id: 'call_3_0', name: 'search', arguments: '{}' },
    { id: 'call_3_1', name: 'read_file', arguments: 'a.ts' },
  ])
  expect(callsIn(tagged)).toEqual([
    ['search', '{}'],
    ['read_file', '{}'],
  ])
})

test('of a list that was cut off, the whole calls are taken', () => {
  const cut = '{"calls": [{"tool": "search", "arguments": {"pattern": "a"}}, {"tool": "read_file", "argum'

  expect(callsIn(cut)).toEqual([['search', '{"pattern":"a"}']])
})

test('a hostile text costs no time', () => {
  const started = performance.now()

  callsIn('{"calls": ['.repeat(50_000))
  callsIn('<tool_call>'.repeat(50_000))

  expect(performance.now() - started).toBeLessThan(5_000)
})
