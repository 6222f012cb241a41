// The stand-in for a model, asked as any OpenAI-compatible client asks.
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { answerForm, readAnswer } from '../../src/agent/answer.ts'
import { storedAnswer } from '../support/model/answer.ts'
import { type ModelStandIn, type Script, startModel } from '../support/model/model.ts'
import { findingTitle } from '../support/model/reviewer.ts'

async function start(script?: Script): Promise<ModelStandIn> {
  const model = await startModel(script)
  onTestFinished(() => model.close())
  return model
}

const form = { type: 'json_schema', json_schema: { ...answerForm(['security', 'correctness']), strict: true } }

function ask(model: ModelStandIn, content: string, more: { format?: object; signal?: AbortSignal } = {}) {
  const messages = [{ role: 'user', content }]
  const body = JSON.stringify({ model: 'any', messages, response_format: more.format ?? form })
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-test' }
  return fetch(`${model.url}/chat/completions`, {
    method: 'POST',
    headers,
    body,
    ...(more.signal ? { signal: more.signal } : {}),
  })
}

function post(model: ModelStandIn, body: object): Promise<Response> {
  return fetch(`${model.url}/chat/completions`, { method: 'POST', body: JSON.stringify({ model: 'any', ...body }) })
}

/** The text of the first choice. */
async function textOf(reply: Response): Promise<string> {
  // The stand-in's own answer, looked at by its tests.
  const body = (await reply.json()) as { choices: { message: { content: string } }[] }
  return body.choices[0]?.message.content ?? ''
}

test('a schema that a strict server does not take is refused', async () => {
  const model = await start()
  const open = { type: 'object', properties: { summary: { type: 'string' } }, required: ['summary'] }

  const reply = await ask(model, 'x', {
    format: { type: 'json_schema', json_schema: { name: 'review', schema: open } },
  })

  expect(reply.status).toBe(400)
  expect(await reply.text()).toContain('additionalProperties')
  expect(model.requests).toEqual([])
})

describe('a conversation with tools', () => {
  const call = { id: 'a', type: 'function', function: { name: 'read_file', arguments: '{}' } }
  const user = { role: 'user', content: 'x' }
  const calling = { role: 'assistant', content: null, tool_calls: [call, { ...call, id: 'b' }] }
  const strict = { type: 'object', properties: {}, required: [], additionalProperties: false }
  const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: '' })

  test.each([
    ['a result without a call', [user, result('a')]],
    ['a call without its result', [user, calling, result('a')]],
    ['a call whose result comes too late', [user, calling, result('a'), user, result('b')]],
    ['two results of one call', [user, calling, result('a'), result('b'), result('b')]],
    ['two calls with one id', [user, { ...calling, tool_calls: [call, call] }, result('a')]],
    ['a message without content that calls nothing', [user, { role: 'assistant', content: null }]],
    ['an empty list of calls', [user, { role: 'assistant', content: '', tool_calls: [] }]],
  ])('%s is refused', async (_, messages) => {
    const model = await start([{ kind: 'text', text: 'taken' }])

    expect((await post(model, { messages })).status).toBe(400)
  })

  test.each([
    ['an empty list', []],
    [
      'a name with a space',
      [{ type: 'function', function: { name: 'read file', description: '', parameters: strict } }],
    ],
    [
      'a schema that is not strict',
      [{ type: 'function', function: { name: 'a', description: '', parameters: { type: 'object' } } }],
    ],
  ])('tools with %s are refused', async (_, tools) => {
    const model = await start([{ kind: 'text', text: 'taken' }])

    expect((await post(model, { messages: [user], tools })).status).toBe(400)
  })

  test('whose calls are all answered is taken, and calls are scripted with their arguments', async () => {
    const scripted = [
      { tool: 'search', arguments: { pattern: 'x' } },
      { tool: 'search', arguments: 'no JSON' },
    ]
    const model = await start([{ kind: 'calls', calls: scripted, text: 'I look.' }])

    const reply = await post(model, { messages: [user, calling, result('b'), result('a'), user] })

    expect(await reply.json()).toMatchObject({
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            content: 'I look.',
            tool_calls: [
              { id: 'call_5_0', function: { name: 'search', arguments: '{"pattern":"x"}' } },
              { id: 'call_5_1', function: { arguments: 'no JSON' } },
            ],
          },
        },
      ],
    })
  })
})

test('an answer that it does not know is refused loudly', async () => {
  const model = await start()

  const reply = await ask(model, 'x', { format: { type: 'json_object' } })

  expect(reply.status).toBe(500)
})

test.each([
  [{ kind: '429', retryAfter: 120 }, 429, '120'],
  [{ kind: '429' }, 429, null],
  [{ kind: '500' }, 500, null],
  [{ kind: 'error', status: 401, message: 'Incorrect API key provided' }, 401, null],
  [{ kind: 'html' }, 200, null],
] as const)('%j is answered', async (answer, status, retryAfter) => {
  const model = await start([answer])

  const reply = await ask(model, 'x')

  expect(reply.status).toBe(status)
  expect(reply.headers.get('retry-after')).toBe(retryAfter)
  expect(reply.headers.get('content-type')).toBe(answer.kind === 'html' ? 'text/html' : 'application/json')
})

test('a request that hangs ends when the client gives up, and is counted', async () => {
  const model = await start([{ kind: 'hang' }])
  const givingUp = new AbortController()
  const reply = ask(model, 'x', { signal: givingUp.signal })
  await vi.waitFor(() => expect(model.requests).toHaveLength(1))

  givingUp.abort()

  await expect(reply).rejects.toThrow(/aborted/)
  await vi.waitFor(() => expect(model.givenUp).toBe(1))
})

test('a refusal and an answer cut off say so', async () => {
  const model = await start([{ kind: 'refusal', text: 'I would rather not.' }, storedAnswer('cut-off')])

  const refused = await (await ask(model, 'x')).json()
  const cutOff = await (await ask(model, 'x')).json()

  expect(refused).toMatchObject({ choices: [{ message: { content: null, refusal: 'I would rather not.' } }] })
  expect(cutOff).toMatchObject({ choices: [{ finish_reason: 'length' }] })
})

test.each([
  ['good', 2, 0],
  ['fenced', 2, 0],
  ['one-malformed-finding', 1, 1],
  ['no-findings', 0, 0],
])('the stored answer "%s" holds %i findings and %i that are malformed', async (name, findings, malformed) => {
  const model = await start([storedAnswer(name)])

  const answer = readAnswer(await textOf(await ask(model, 'x')), ['correctness', 'security'])

  expect(answer).toMatchObject({ findings: { length: findings }, malformed: { length: malformed } })
})

test('the stored answer "nonsense" is none', async () => {
  const model = await start([storedAnswer('nonsense')])

  const answer = readAnswer(await textOf(await ask(model, 'x')), ['correctness'])

  expect(answer).toHaveProperty('reason')
})

test('unscripted it complains about the first added line', async () => {
  const model = await start()
  const diff =
    '=== src/old.ts (removed)\n@@\n1 -gone\n=== src/a b.ts (renamed from x)\n@@ area\n11  const a = 1\n12 -old\n12 +new\n13 +newer'

  const answer = readAnswer(await textOf(await ask(model, diff)), ['security', 'correctness'])

  expect(answer).toMatchObject({
    findings: [
      { path: 'src/a b.ts', line: 12, side: 'RIGHT', quote: 'new', title: findingTitle, reviewer: 'security' },
    ],
    malformed: [],
  })
})

test('the script can be changed, and every request is kept with its body', async () => {
  const model = await start((request) => ({ kind: 'text', text: `to ${request.messages[0]?.content}` }))

  const first = await textOf(await ask(model, 'one'))
  model.play([{ kind: 'slow', ms: 1, then: { kind: 'text', text: 'changed' } }])
  const second = await textOf(await ask(model, 'two'))

  expect([first, second]).toEqual(['to one', 'changed'])
  expect(model.requests.map((one) => one.messages[0]?.content)).toEqual(['one', 'two'])
  expect(model.requests[0]).toMatchObject({ form: { name: 'review' }, authorization: 'Bearer sk-test' })
})

test('it lists its models, and counts tokens', async () => {
  const model = await start([{ kind: 'text', text: 'seven77' }])

  const models = await (await fetch(`${model.url}/models`)).json()
  const reply = await (await ask(model, 'x'.repeat(35))).json()

  expect(models).toMatchObject({ object: 'list', data: [{ object: 'model' }] })
  expect(reply).toMatchObject({ usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 } })
})
