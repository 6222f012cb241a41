// Tools for every model: native where there are some, else in text. Over HTTP, with the stand-in that refuses what OpenAI does.
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Model, ModelMessage, ModelReply, ModelRequest, ToolCall } from '../../../src/agent/model.ts'
import { createCapableModel } from '../../../src/agent/models/capable-model.ts'
import { createOpenAIModel } from '../../../src/agent/models/openai-model.ts'
import type { ModelAnswer } from '../../support/model/answer.ts'
import { type ModelStandIn, type Script, startModel } from '../../support/model/model.ts'

const strict = { additionalProperties: false }
const request: ModelRequest = {
  messages: [
    { role: 'system', content: 'Review.' },
    { role: 'user', content: 'The diff.' },
  ],
  form: {
    name: 'review',
    schema: { type: 'object', properties: { summary: { type: 'string' } }, required: ['summary'], ...strict },
  },
  maxOutputTokens: 500,
  tools: [
    {
      name: 'read_file',
      description: 'Reads a file.',
      parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'], ...strict },
    },
  ],
}
const { tools: _, ...plain } = request
const patient = new AbortController().signal

const ready: ModelAnswer = { kind: 'calls', calls: [{ tool: 'ready' }] }
const reads: ModelAnswer = { kind: 'calls', calls: [{ tool: 'read_file', arguments: { path: 'a.ts' } }] }
const readsInText: ModelAnswer = {
  kind: 'text',
  text: '{"calls": [{"tool": "read_file", "arguments": {"path": "a.ts"}}]}',
}
const done: ModelAnswer = { kind: 'text', text: '{"summary": "done"}' }
const noTools: ModelAnswer = { kind: 'error', status: 400, message: 'tiny does not support tools' }

async function start(script: Script): Promise<{ model: Model; server: ModelStandIn }> {
  const server = await startModel(script)
  onTestFinished(() => server.close())
  const endpoint = { apiKey: undefined, baseUrl: server.url, model: 'tiny', timeoutMs: 5_000 }
  return { model: createCapableModel(createOpenAIModel(endpoint)), server }
}

/** Each call gets its number as its result. */
function withResults(calls: readonly ToolCall[], before: ModelRequest): ModelRequest {
  const results = calls.map(({ id }, index): ModelMessage => ({ role: 'tool', callId: id, content: `result ${index}` }))
  return { ...before, messages: [...before.messages, { role: 'assistant', content: '', toolCalls: calls }, ...results] }
}

async function callsOf(model: Model, asked: ModelRequest): Promise<readonly ToolCall[]> {
  const reply = await model.complete(asked, patient)
  return reply.kind === 'calls' ? reply.calls : []
}

/** What is answered when, after one round of calls, no tool is offered any more. */
async function lastAnswer(model: Model): Promise<ModelReply> {
  const { tools: __, ...last } = withResults(await callsOf(model, request), request)
  return model.complete(last, patient)
}

describe('finding out', () => {
  test('its tokens are told once, with the next reply', async () => {
    const { model } = await start([ready, reads, reads])

    const first = await model.complete(request, patient)
    const second = await model.complete(request, patient)

    expect(first.tokens.input).toBeGreaterThan(second.tokens.input)
  })

  test('an endpoint that fails decides nothing', async () => {
    const { model, server } = await start([{ kind: '500' }, ready, reads])

    const failure = model.complete(request, patient)
    await expect(failure).rejects.toThrow('answered 500')
    const reply = await model.complete(request, patient)

    expect(reply.kind).toBe('calls')
    expect(server.requests.map((one) => one.tools)).toEqual([['ready'], ['ready'], ['read_file']])
  })

  test('one that asks to wait parks the call', async () => {
    const { model } = await start([{ kind: '429', retryAfter: 120 }])

    await expect(model.complete(request, patient)).rejects.toMatchObject({ name: 'ParkedError', delayMs: 120_000 })
  })

  test('a caller that gives up meanwhile takes nobody else with it', async () => {
    const { promise, resolve } = Promise.withResolvers<ModelAnswer>()
    const { model, server } = await start((asked) => (asked.tools.includes('ready') ? promise : reads))
    const abort = new AbortController()

    const first = model.complete(request, abort.signal)
    const second = model.complete(request, patient)
    await vi.waitFor(() => expect(server.requests).toHaveLength(1))
    abort.abort(new Error('the lease is lost'))
    await expect(first).rejects.toThrow('the lease is lost')
    resolve(ready)

    expect((await second).kind).toBe('calls')
    expect(server.requests.map((one) => one.tools)).toEqual([['ready'], ['read_file']])
  })

  test('nothing is asked after an abort', async () => {
    const { model, server } = await start([ready])

    await expect(model.complete(request, AbortSignal.abort(new Error('stopping')))).rejects.toThrow('stopping')

    expect(server.requests).toEqual([])
  })

  test('without tools nothing has to be found out', async () => {
    const { model, server } = await start([done])

    await model.complete(plain, patient)

    expect(server.requests).toMatchObject([{ form: { name: 'review' }, tools: [] }])
  })
})

describe('a model that calls natively', () => {
  test('gets tools, results and at last the form as Chat Completions has them', async () => {
    const twice: ModelAnswer = { kind: 'calls', calls: [{ tool: 'read_file' }, { tool: 'read_file' }], text: 'I look.' }
    const { model, server } = await start([ready, twice, done])

    const reply = await lastAnswer(model)

    expect(reply).toMatchObject({ kind: 'text', text: '{"summary": "done"}' })
    expect(server.requests[2]?.body['messages']).toMatchObject([
      {},
      {},
      { role: 'assistant', tool_calls: [{ id: 'call_2_0' }, { id: 'call_2_1' }] },
      { role: 'tool', tool_call_id: 'call_2_0', content: 'result 0' },
      { role: 'tool', tool_call_id: 'call_2_1', content: 'result 1' },
    ])
    expect(server.requests[2]?.form?.name).toBe('review')
  })

  test('may write a call in its own words', async () => {
    const text = '<tool_call>{"name": "read_file", "arguments": {"path": "a.ts"}}</tool_call>'
    const { model } = await start([ready, { kind: 'text', text }])

    expect(await callsOf(model, request)).toMatchObject([{ name: 'read_file', arguments: '{"path":"a.ts"}' }])
  })

  test('that does so no more is asked in text from then on, in the middle of a conversation', async () => {
    const { model, server } = await start([ready, reads, noTools, done, readsInText])

    const calls = await callsOf(model, request)
    const reply = await model.complete(withResults(calls, request), patient)
    const later = await callsOf(model, request)

    expect(reply).toMatchObject({ kind: 'text', text: '{"summary": "done"}' })
    expect(later).toHaveLength(1)
    expect(server.requests.map((one) => one.tools.length)).toEqual([1, 1, 1, 0, 0])
  })
})

test('a server that takes calls only beside an offer gets the last question in text, and tools as before', async () => {
  const message = 'Requests which include `tool_use` or `tool_result` blocks must define tools'
  const { model, server } = await start((asked) => {
    if (asked.tools.length > 0) return asked.tools.includes('ready') ? ready : reads
    return asked.messages.some((one) => one.role === 'tool') ? { kind: 'error', status: 400, message } : done
  })

  const first = await lastAnswer(model)
  const second = await lastAnswer(model)

  expect([first, second]).toMatchObject([{ text: '{"summary": "done"}' }, { text: '{"summary": "done"}' }])
  expect(server.requests.map((one) => one.tools.length)).toEqual([1, 1, 0, 0, 1, 0])
})

describe('a model without tools', () => {
  test.each([
    ['a refusal', noTools],
    ['a text', done],
    ['a cut-off answer', { kind: 'cut-off', text: '' }],
    ['an error of llama.cpp', { kind: 'error', status: 500, message: 'tools param requires --jinja flag' }],
  ] as const)('is known by %s, and is asked once', async (_name, answer) => {
    const { model, server } = await start([answer, readsInText, readsInText])

    await model.complete(request, patient)
    await model.complete(request, patient)

    expect(server.requests.map((one) => one.tools)).toEqual([['ready'], [], []])
  })

  test('is told of the tools, and of the form, which cannot be enforced then', async () => {
    const { model, server } = await start([noTools, readsInText])

    const calls = await callsOf(model, request)

    expect(calls).toEqual([{ id: 'call_2_0', name: 'read_file', arguments: '{"path":"a.ts"}' }])
    const [system, user] = server.requests[1]?.messages ?? []
    expect(system?.content).toMatch(/^Review\.\n\n# Tools\n/)
    expect(system?.content).toContain('- `read_file`: Reads a file.\n  - `path`: string\n')
    expect(system?.content).toContain('{"type":"object","properties":{"summary":{"type":"string"}}')
    expect(user?.content).toBe('The diff.')
    expect(server.requests[1]?.body).not.toHaveProperty('response_format')
  })

  test('gets results in one message of the user, in a fence that they cannot close', async () => {
    const { model, server } = await start([noTools, done])
    const calls = ['a', 'b'].map((id) => ({ id, name: 'read_file', arguments: '{"path":"a.ts"}' }))
    const asked = withResults(calls, request)

    await model.complete({ ...asked, messages: [...asked.messages, { role: 'user', content: 'Answer now.' }] }, patient)

    const [, , assistant, user, ...more] = server.requests[1]?.messages ?? []
    expect(assistant?.content).toBe(
      '{"calls":[{"tool":"read_file","arguments":{"path":"a.ts"}},{"tool":"read_file","arguments":{"path":"a.ts"}}]}',
    )
    expect(user?.role).toBe('user')
    expect(user?.content).toMatch(
      /^BEGIN ([0-9a-f]{24}) result 1, of read_file\nresult 0\nEND \1\n\nBEGIN \1 result 2, of read_file\nresult 1\nEND \1\n\nAnswer now\.$/,
    )
    expect(more).toEqual([])
  })

  test('keeps to the form when no tool is offered any more', async () => {
    const { model, server } = await start([noTools, readsInText, done])

    const reply = await lastAnswer(model)

    expect(reply).toMatchObject({ kind: 'text', text: '{"summary": "done"}' })
    expect(server.requests[2]).toMatchObject({
      form: { name: 'review' },
      messages: [{ content: 'Review.' }, {}, {}, {}],
    })
  })

  test('that says neither an answer nor a call is handed on as it is', async () => {
    const { model } = await start([noTools, { kind: 'text', text: 'Let me think about it.' }])

    const reply = await model.complete(request, patient)

    expect(reply).toMatchObject({ kind: 'text', text: 'Let me think about it.' })
  })
})
