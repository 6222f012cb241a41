// What each answer of an endpoint means for the review, over real HTTP.
import { describe, expect, test, vi } from 'vitest'
import { ContextTooLongError, type Model, type ModelRequest } from '../../../src/agent/model.ts'
import { createOpenAIModel } from '../../../src/agent/models/openai-model.ts'
import { ParkedError, PermanentError, UserError } from '../../../src/review/errors.ts'
import { refuses, type Reply, says, type ScriptedServer, startScriptedServer } from './scripted-server.ts'

const request: ModelRequest = {
  messages: [
    { role: 'system', content: 'Review.' },
    { role: 'user', content: 'the unpublished diff' },
  ],
  form: { name: 'review', schema: { type: 'object' } },
  maxOutputTokens: 500,
}
const patient = new AbortController().signal

async function modelThatGets(...script: Reply[]): Promise<{ model: Model; server: ScriptedServer }> {
  const server = await startScriptedServer(...script)
  const model = createOpenAIModel({ apiKey: 'sk-verysecret', baseUrl: server.baseUrl, model: 'tiny', timeoutMs: 5_000 })
  return { model, server }
}

async function failureOn(...script: Reply[]): Promise<Error> {
  const { model } = await modelThatGets(...script)
  return model.complete(request, patient).then(
    () => new Error('it succeeded'),
    (error: Error) => error,
  )
}

describe('asked to wait', () => {
  test('a Retry-After of two minutes parks for two minutes, after one request', async () => {
    const { model, server } = await modelThatGets(refuses(429, {}, { 'retry-after': '120' }))

    const failure = model.complete(request, patient)

    await expect(failure).rejects.toMatchObject({ name: 'ParkedError', delayMs: 120_000 })
    expect(server.requests).toHaveLength(1)
  })

  test('a Retry-After that is a date counts from the date of the answer', async () => {
    const headers = { date: 'Mon, 23 Nov 2026 12:00:00 GMT', 'retry-after': 'Mon, 23 Nov 2026 12:05:00 GMT' }

    const failure = await failureOn(refuses(503, {}, headers))

    expect(failure).toMatchObject({ name: 'ParkedError', delayMs: 300_000 })
  })

  test('a Retry-After of a day parks for an hour', async () => {
    const failure = await failureOn(refuses(429, {}, { 'retry-after': '86400' }))

    expect(failure).toMatchObject({ name: 'ParkedError', delayMs: 3_600_000 })
  })

  test('a 429 that names no pause parks for a minute, an empty account for an hour', async () => {
    const busy = await failureOn(refuses(429, {}))
    const empty = await failureOn(refuses(429, { code: 'insufficient_quota' }))

    expect(busy).toMatchObject({ name: 'ParkedError', delayMs: 60_000 })
    expect(empty).toMatchObject({ name: 'ParkedError', delayMs: 3_600_000 })
  })

  test('a 503 that names no pause is an error like any other', async () => {
    const failure = await failureOn(refuses(503, {}))

    expect(failure).not.toBeInstanceOf(ParkedError)
    expect(failure.message).toMatch(/^the model at 127\.0\.0\.1:\d+ answered 503$/)
  })
})

describe('the operator has to act', () => {
  test.each([
    ['OPENAI_API_KEY', refuses(401, { message: 'Incorrect API key provided: sk-verysecret' })],
    ['OPENAI_API_KEY', refuses(402, {})],
    ['OPENAI_API_KEY', refuses(403, {})],
    ['OPENAI_MODEL', refuses(404, { message: 'The model `tiny` does not exist', code: 'model_not_found' })],
    ['OPENAI_MODEL', { status: 404, body: { error: 'model "tiny" not found, try pulling it first' } }],
    ['OPENAI_MODEL', refuses(400, { message: 'Model Not Exist' })],
    ['OPENAI_BASE_URL', { status: 404, body: '<html>nginx</html>' }],
    ['OPENAI_BASE_URL', { status: 308, headers: { location: 'http://127.0.0.1:9/v1' }, body: {} }],
  ])('%s is named when it is wrong: %j', async (setting, reply) => {
    const failure = await failureOn(reply)

    expect(failure).toBeInstanceOf(UserError)
    expect(failure.message).toContain(setting)
    expect(failure.message).not.toContain('verysecret')
  })
})

test('the model that verifies is named by its own setting', async () => {
  const unknown = refuses(404, { message: 'The model `tiny` does not exist', code: 'model_not_found' })
  const server = await startScriptedServer(unknown, refuses(403, {}))
  const { baseUrl } = server
  const model = createOpenAIModel({
    ...{ apiKey: undefined, baseUrl, model: 'tiny', timeoutMs: 5_000 },
    setting: 'OPENAI_VERIFY_MODEL',
  })

  await expect(model.complete(request, patient)).rejects.toThrow(/Set OPENAI_VERIFY_MODEL to one/)
  await expect(model.complete(request, patient)).rejects.toThrow(/the model tiny of OPENAI_VERIFY_MODEL/)
})

describe('too long', () => {
  test.each([
    refuses(400, { code: 'context_length_exceeded' }),
    refuses(400, { message: "This model's maximum context length is 8192 tokens. However, you requested 20000." }),
    refuses(400, { message: "'max_tokens' is too large: 16000. This model's maximum context length is 8192 tokens" }),
    refuses(429, { message: 'Request too large for tiny on tokens per min (TPM)', code: 'rate_limit_exceeded' }),
    { status: 400, body: { object: 'error', message: 'the request exceeds the available context size' } },
    { status: 413, body: '<html>413</html>' },
  ])('a request that no waiting makes shorter: %j', async (reply) => {
    const failure = await failureOn(reply)

    expect(failure).toBeInstanceOf(ContextTooLongError)
  })
})

describe('worth another try, or not', () => {
  test('a page with status 200 is no answer', async () => {
    const { model, server } = await modelThatGets({ body: '<html>Please log in</html>' })

    const failure = model.complete(request, patient)

    await expect(failure).rejects.toThrow(`not an OpenAI-compatible answer from ${server.host}`)
  })

  test('JSON without choices is no answer', async () => {
    const failure = await failureOn({ body: { choices: [] } })

    expect(failure.message).toContain('not an OpenAI-compatible answer from 127.0.0.1')
  })

  test('a 500 is not asked again here', async () => {
    const { model, server } = await modelThatGets(refuses(500, { type: 'server_error' }, { 'x-request-id': 'req_1' }))

    const failure = model.complete(request, patient)

    await expect(failure).rejects.toThrow('answered 500 (server_error), request req_1')
    expect(server.requests).toHaveLength(1)
  })

  test('a request that will never be taken is final', async () => {
    const failure = await failureOn(refuses(400, { message: 'messages[0].role is not known' }))

    expect(failure).toBeInstanceOf(PermanentError)
  })

  test('an endpoint that cannot be reached keeps its cause', async () => {
    const model = createOpenAIModel({
      apiKey: undefined,
      baseUrl: 'http://127.0.0.1:1/v1',
      model: 'tiny',
      timeoutMs: 5_000,
    })

    const failure = model.complete(request, patient)

    await expect(failure).rejects.toMatchObject({
      message: 'the model at 127.0.0.1:1 cannot be reached',
      cause: expect.anything(),
    })
  })

  test('an endpoint that is silent for too long is given up', async () => {
    const server = await startScriptedServer({ body: 'hang' })
    const model = createOpenAIModel({ apiKey: undefined, baseUrl: server.baseUrl, model: 'tiny', timeoutMs: 100 })

    const failure = model.complete(request, patient)

    await expect(failure).rejects.toThrow('within 0.1 s')
    await vi.waitFor(() => expect(server.givenUp).toBe(1))
  })

  test.each([400, 401, 403, 404, 429, 500, 503])(
    'a %i that quotes key and prompt passes neither on',
    async (status) => {
      const quoting = 'key sk-verysecret, prompt: the unpublished diff'

      const failure = await failureOn(refuses(status, { message: quoting, code: quoting, type: quoting }))

      expect(JSON.stringify([failure.message, failure.stack, failure])).not.toMatch(/verysecret|unpublished/)
    },
  )
})

describe('giving up', () => {
  test('an abort closes the connection and throws the reason', async () => {
    const { model, server } = await modelThatGets({ body: 'hang' })
    const abort = new AbortController()
    const reason = new Error('the lease is lost')

    const failure = model.complete(request, abort.signal)
    failure.catch(() => {})
    await vi.waitFor(() => expect(server.requests).toHaveLength(1))
    abort.abort(reason)

    await expect(failure).rejects.toBe(reason)
    await vi.waitFor(() => expect(server.givenUp).toBe(1))
  })

  test('nothing is sent after an abort', async () => {
    const { model, server } = await modelThatGets(says('{}'))

    const failure = model.complete(request, AbortSignal.abort(new Error('stopping')))

    await expect(failure).rejects.toThrow('stopping')
    expect(server.requests).toHaveLength(0)
  })
})

describe('the manner of asking', () => {
  test('structured output and the current name of the limit are asked for first', async () => {
    const { model, server } = await modelThatGets(says('{}'))

    await model.complete(request, patient)

    expect(server.requests[0]?.body).toMatchObject({
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'review', strict: true, schema: { type: 'object' } },
      },
      max_completion_tokens: 500,
    })
  })

  test('a server without structured output gets simpler requests, and keeps getting them', async () => {
    const unsupported = refuses(400, { message: "'response_format.type' must be 'text'", param: 'response_format' })
    const { model, server } = await modelThatGets(unsupported, unsupported, says('one'), says('two'))

    const first = await model.complete(request, patient)
    const second = await model.complete(request, patient)

    expect([first, second]).toMatchObject([{ text: 'one' }, { text: 'two' }])
    expect(server.requests.map(({ body }) => body.response_format?.type)).toEqual([
      'json_schema',
      'json_object',
      undefined,
      undefined,
    ])
  })

  test('a refusal in the form of another server is understood', async () => {
    const unsupported = { status: 422, body: { detail: [{ loc: ['body', 'response_format'], msg: 'extra inputs' }] } }
    const { model, server } = await modelThatGets(unsupported, says('one'))

    await model.complete(request, patient)

    expect(server.requests.map(({ body }) => body.response_format?.type)).toEqual(['json_schema', 'json_object'])
  })

  test('the older name of the limit is tried, then none', async () => {
    const unsupported = refuses(400, { message: 'Unrecognized request argument supplied: max_completion_tokens' })
    const tooLarge = refuses(400, { message: 'max_tokens is too large: 500', param: 'max_tokens' })
    const { model, server } = await modelThatGets(unsupported, tooLarge, says('one'))

    await model.complete(request, patient)

    expect(server.requests[0]?.body).toHaveProperty('max_completion_tokens', 500)
    expect(server.requests[1]?.body).toHaveProperty('max_tokens', 500)
    expect(Object.keys(server.requests[2]?.body ?? {}).filter((key) => key.startsWith('max'))).toEqual([])
  })

  test('a manner that was not taken either is not kept', async () => {
    const unsupported = refuses(400, { message: 'response_format' })
    const { model, server } = await modelThatGets(unsupported, refuses(500, {}), says('one'))

    const failure = model.complete(request, patient)
    await expect(failure).rejects.toThrow('answered 500')
    await model.complete(request, patient)

    expect(server.requests.at(-1)?.body.response_format?.type).toBe('json_schema')
  })

  test('the key is sent; without one there is no such header', async () => {
    const { model, server } = await modelThatGets(says('one'), says('two'))
    const open = createOpenAIModel({ apiKey: undefined, baseUrl: server.baseUrl, model: 'tiny', timeoutMs: 5_000 })

    await model.complete(request, patient)
    await open.complete(request, patient)

    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-verysecret', undefined])
  })
})

describe('replies', () => {
  test('an answer comes with its tokens', async () => {
    const { model } = await modelThatGets(says('Hello'))

    const reply = await model.complete(request, patient)

    expect(reply).toEqual({ kind: 'text', text: 'Hello', tokens: { input: 100, output: 20, cached: 10 } })
  })

  test('an answer that the limit ended is known to be cut off', async () => {
    const { model } = await modelThatGets(says('Hel', { finishReason: 'length' }))

    const reply = await model.complete(request, patient)

    expect(reply).toMatchObject({ kind: 'cut-off', text: 'Hel' })
  })

  test.each([
    says('', { refusal: 'I cannot help with that.' }),
    says('', { finishReason: 'content_filter' }),
    refuses(400, { code: 'content_filter', message: 'filtered' }),
  ])('a refusal is a reply: %j', async (script) => {
    const { model } = await modelThatGets(script)

    const reply = await model.complete(request, patient)

    expect(reply.kind).toBe('refused')
  })

  test('thoughts in a part of their own are not the answer', async () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'Hello' },
    ]
    const { model } = await modelThatGets({ body: { choices: [{ message: { content } }] } })

    const reply = await model.complete(request, patient)

    expect(reply).toEqual({ kind: 'text', text: 'Hello', tokens: { input: 0, output: 0, cached: 0 } })
  })
})
