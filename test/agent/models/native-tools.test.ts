// Tools as Chat Completions has them, and as servers have changed it.
import { describe, expect, test } from 'vitest'
import type { ModelMessage, ModelReply, ModelRequest } from '../../../src/agent/model.ts'
import { ToolsRefusedError } from '../../../src/agent/models/model-failure.ts'
import { createOpenAIModel } from '../../../src/agent/models/openai-model.ts'
import { UserError } from '../../../src/review/errors.ts'
import { calls, refuses, type Reply, says, type ScriptedServer, startScriptedServer } from './scripted-server.ts'

const parameters = {
  type: 'object',
  properties: { path: { type: 'string' } },
  required: ['path'],
  additionalProperties: false,
}
const request: ModelRequest = {
  messages: [{ role: 'user', content: 'the unpublished diff' }],
  form: { name: 'review', schema: { type: 'object' } },
  maxOutputTokens: 500,
  tools: [{ name: 'read_file', description: 'Reads a file.', parameters }],
}
const conversation: ModelMessage[] = [
  ...request.messages,
  { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'read_file', arguments: '{"path":"a.ts"}' }] },
  { role: 'tool', callId: 'a', content: '1 const a = 1' },
]
const patient = new AbortController().signal

async function ask(asked: ModelRequest, ...script: Reply[]): Promise<{ reply: ModelReply; server: ScriptedServer }> {
  const server = await startScriptedServer(...script)
  const model = createOpenAIModel({ apiKey: undefined, baseUrl: server.baseUrl, model: 'tiny', timeoutMs: 5_000 })
  return { reply: await model.complete(asked, patient), server }
}

function call(id: string | undefined, written: unknown, name = 'read_file'): object {
  return { ...(id === undefined ? {} : { id }), type: 'function', function: { name, arguments: written } }
}

describe('a refusal that is about tools', () => {
  test.each([
    refuses(400, { message: 'registry.ollama.ai/library/tiny does not support tools' }),
    refuses(404, { message: 'No endpoints found that support tool use. Try disabling "read_file".' }),
    refuses(400, { message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set' }),
    refuses(500, { message: 'tools param requires --jinja flag' }),
    { status: 422, body: { detail: [{ loc: ['body', 'tools'], msg: 'Extra inputs are not permitted' }] } },
    {
      status: 400,
      body: [{ error: { message: 'Function call is missing a thought_signature in functionCall parts.' } }],
    },
  ])('is told apart: %j', async (reply) => {
    const failure = ask(request, reply)

    await expect(failure).rejects.toBeInstanceOf(ToolsRefusedError)
    await expect(failure).rejects.not.toThrow(/jinja|Extra|thought/)
  })

  test('is none where no tool was in the request', async () => {
    const { tools: _, ...plain } = request

    const failure = ask(plain, refuses(404, { message: 'No endpoints found that support tool use' }))

    await expect(failure).rejects.toBeInstanceOf(UserError)
  })

  test('is not read into an error of the server', async () => {
    const failure = ask(request, refuses(500, { message: 'The tool of our provider is overloaded' }))

    await expect(failure).rejects.toThrow('answered 500')
    await expect(failure).rejects.not.toBeInstanceOf(ToolsRefusedError)
  })
})

describe('what is sent', () => {
  test('tools are offered without a form, which some servers refuse beside them', async () => {
    const { server } = await ask(request, says('{}'))

    expect(server.requests[0]?.body).toMatchObject({
      tools: [{ type: 'function', function: { name: 'read_file', description: 'Reads a file.', parameters } }],
    })
    expect(server.requests[0]?.body).not.toHaveProperty('response_format')
  })

  test('an empty list of tools is not sent, nor is the form', async () => {
    const { server } = await ask({ ...request, tools: [] }, says('{}'))

    expect(Object.keys(server.requests[0]?.body ?? {})).toEqual(['model', 'messages', 'max_completion_tokens'])
  })

  test('a message that only calls has no content; a server that refuses this gets an empty one from then on', async () => {
    const refusal = refuses(400, { message: 'invalid message content type: <nil>' })

    const { server } = await ask({ ...request, messages: conversation }, refusal, says('{}'))

    const sent = server.requests.map(({ body }) => body.messages[1])
    expect(sent).toMatchObject([{ content: null, tool_calls: [{ id: 'a' }] }, { content: '' }])
    expect(server.requests[1]?.body.messages[2]).toEqual({ role: 'tool', tool_call_id: 'a', content: '1 const a = 1' })
  })
})

describe('what comes back', () => {
  test('a call that the limit ended is not run; those before it are', async () => {
    const cut = calls([call('a', '{"path":"a.ts"}'), call('b', '{"pa')], { finishReason: 'length' })
    const onlyCut = calls([call('b', '{"pa')], { finishReason: 'length' })

    const { reply } = await ask(request, cut)
    const { reply: nothing } = await ask(request, onlyCut)

    expect(reply).toMatchObject({ kind: 'calls', calls: [{ id: 'a' }] })
    expect(nothing).toMatchObject({ kind: 'cut-off', text: '' })
  })

  test('calls that nobody offered are none', async () => {
    const { tools: _, ...plain } = request

    const { reply } = await ask(plain, calls([call('a', '{}')], { content: 'Well.' }))

    expect(reply).toMatchObject({ kind: 'text', text: 'Well.' })
  })

  test('calls that were filtered are a refusal', async () => {
    const { reply } = await ask(request, calls([call('a', '{}')], { finishReason: 'content_filter' }))

    expect(reply.kind).toBe('refused')
  })

  test('arguments that are no JSON are handed on as they are', async () => {
    const { reply } = await ask(request, calls([call('a', 'path: a.ts')]))

    expect(reply).toMatchObject({ kind: 'calls', calls: [{ id: 'a', name: 'read_file', arguments: 'path: a.ts' }] })
  })

  test('ids that are missing or repeated are made up, so that each result finds its call', async () => {
    const written = [call(undefined, '{}'), call('', '{}'), call('same', '{}'), call('same', '{}')]

    const { reply } = await ask(request, calls(written))

    const ids = reply.kind === 'calls' ? reply.calls.map((one) => one.id) : []
    expect(ids).toEqual(['call_1_0', 'call_1_1', 'same', 'call_1_3'])
  })

  test('arguments may come as an object, or not at all', async () => {
    const { reply } = await ask(request, calls([call('a', { path: 'a.ts' }), call('b', undefined)]))

    expect(reply).toMatchObject({ calls: [{ arguments: '{"path":"a.ts"}' }, { arguments: '{}' }] })
  })

  test.each(['stop', 'tool_calls', 'tool_use', 'function_call'])(
    'several calls beside a text are understood, whatever the reason to stop is called: %s',
    async (finishReason) => {
      const { reply } = await ask(
        request,
        calls([call('a', '{}'), call('b', '{}')], { content: 'I look.', finishReason }),
      )

      expect(reply).toMatchObject({ kind: 'calls', text: 'I look.', calls: [{ id: 'a' }, { id: 'b' }] })
    },
  )

  test('an answer without calls is text, even when it claims to have stopped for calls', async () => {
    const { reply } = await ask(request, calls([], { content: '{}' }))

    expect(reply).toMatchObject({ kind: 'text', text: '{}' })
  })
})
