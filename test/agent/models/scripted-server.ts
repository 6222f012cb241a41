// An endpoint for models that plays back what a test wrote down: one reply for each request, in order.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { z } from 'zod'

export interface Reply {
  status?: number
  headers?: Record<string, string>
  /** A string is sent as HTML. `hang`: nothing is sent until the client goes away. */
  body: object | string | 'hang'
}

const requestBody = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.string().nullable() })),
  response_format: z.looseObject({ type: z.string() }).optional(),
})

export interface ReceivedRequest {
  headers: IncomingHttpHeaders
  body: z.infer<typeof requestBody>
}

export interface ScriptedServer {
  baseUrl: string
  host: string
  requests: ReceivedRequest[]
  /** Connections that the client closed before it had an answer. */
  givenUp: number
}

/** Stops when the test ends. A request beyond the script is answered with 500. */
export async function startScriptedServer(...script: Reply[]): Promise<ScriptedServer> {
  const state: ScriptedServer = { baseUrl: '', host: '', requests: [], givenUp: 0 }
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    )
  })
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = requestBody.parse(JSON.parse(Buffer.concat(chunks).toString()))
    const reply: Reply = script[state.requests.length] ?? {
      status: 500,
      body: { error: { message: 'beyond the script' } },
    }
    state.requests.push({ headers: request.headers, body })
    if (reply.body === 'hang') {
      response.on('close', () => state.givenUp++)
      return
    }
    const html = typeof reply.body === 'string'
    response.writeHead(reply.status ?? 200, {
      'content-type': html ? 'text/html' : 'application/json',
      ...reply.headers,
    })
    response.end(html ? reply.body : JSON.stringify(reply.body))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  state.host = `127.0.0.1:${address.port}`
  state.baseUrl = `http://${state.host}/v1`
  return state
}

/** An answer that calls tools, in whatever form a server has for it. */
export function calls(toolCalls: object[], changes: { content?: string; finishReason?: string } = {}): Reply {
  const message = { role: 'assistant', content: changes.content ?? null, tool_calls: toolCalls }
  return { body: { choices: [{ index: 0, finish_reason: changes.finishReason ?? 'tool_calls', message }] } }
}

/** A usual answer of Chat Completions. */
export function says(content: string, changes: { finishReason?: string; refusal?: string } = {}): Reply {
  return {
    body: {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          finish_reason: changes.finishReason ?? 'stop',
          message: { role: 'assistant', content, refusal: changes.refusal ?? null },
        },
      ],
      usage: { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 10 } },
    },
  }
}

/** An error in OpenAI's form. */
export function refuses(status: number, error: object, headers: Record<string, string> = {}): Reply {
  return { status, headers, body: { error: { message: 'no', type: null, code: null, param: null, ...error } } }
}
