// An OpenAI-compatible endpoint for tests. By default it reviews; a script says otherwise.
//
//   const model = await startModel()                                      complains about the first added line
//   const model = await startModel([{ kind: '500' }, { kind: 'hang' }])   in this order, then as by default
//   const model = await startModel((request) => ({ kind: 'text', text: 'No.' }))
//   …OPENAI_BASE_URL: model.url
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { type ModelAnswer, errorReply, sendAnswer } from './answer.ts'
import { readConversation } from './conversation.ts'
import { reviewFirstAddedLine } from './reviewer.ts'
import { problemOfStrictSchema } from './strict-schema.ts'

export interface ModelRequest {
  model: string
  /** Without content: `''`. Calls and their ids stand in `body`. */
  messages: { role: string; content: string }[]
  /** Names of the tools that were offered. */
  tools: string[]
  /** From `response_format`; missing when no JSON schema was sent. */
  form?: { name: string; schema: unknown }
  /** The `Authorization` header. */
  authorization?: string
  /** The whole body. */
  body: Record<string, unknown>
}

/** A function answers everything; a list answers as long as it lasts, and then the default does. */
export type Script = ((request: ModelRequest) => ModelAnswer | Promise<ModelAnswer>) | readonly ModelAnswer[]

export interface ModelStandIn {
  /** `OPENAI_BASE_URL`, with `/v1`. */
  readonly url: string
  /** Every completion that was asked for, oldest first. */
  readonly requests: readonly ModelRequest[]
  /** Requests that the client gave up before it had its answer. */
  readonly givenUp: number
  /** From now on. */
  play(script: Script): void
  close(): Promise<void>
}

interface State {
  listed: object[]
  requests: ModelRequest[]
  givenUp: number
  next: (request: ModelRequest) => ModelAnswer | Promise<ModelAnswer>
}

interface Options {
  port?: number
  /** What `GET /models` lists. */
  listed?: object[]
}

/** Listens on loopback only. */
export async function startModel(script: Script = [], options: Options = {}): Promise<ModelStandIn> {
  const state: State = { listed: options.listed ?? [usualListing], requests: [], givenUp: 0, next: playerOf(script) }
  const server = createServer((request, response) => {
    // The client went away while it was sending: nobody waits for an answer.
    serve(state, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  return {
    // A TCP server's address is an object.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests: state.requests,
    get givenUp() {
      return state.givenUp
    },
    play: (next) => void (state.next = playerOf(next)),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function playerOf(script: Script): State['next'] {
  if (typeof script === 'function') return script
  const left = [...script]
  return (request) => left.shift() ?? reviewFirstAddedLine(request)
}

async function serve(state: State, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  response.on('close', () => {
    if (!response.writableFinished) state.givenUp++
  })
  const route = `${incoming.method} ${new URL(incoming.url ?? '/', 'http://model.test').pathname}`
  if (route === 'GET /v1/models') return sendJson(response, 200, { object: 'list', data: state.listed })
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  if (route !== 'POST /v1/chat/completions') return refuse(response, 404, `Invalid URL (${route})`)

  const request = readRequest(Buffer.concat(chunks).toString(), incoming.headers.authorization)
  if (typeof request === 'string') return refuse(response, 400, request)
  state.requests.push(request)
  try {
    await sendAnswer(response, request, await state.next(request))
  } catch (error) {
    refuse(response, 500, String(error))
  }
}

const usualListing = { id: 'stand-in', object: 'model', created: 0, owned_by: 'test' }

/** A sentence when it is no request that a strict server takes. */
function readRequest(text: string, authorization: string | undefined): ModelRequest | string {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return 'We could not parse the JSON body of your request.'
  }
  if (typeof parsed !== 'object' || parsed === null) return 'The body must be an object.'
  const body: Record<string, unknown> = { ...parsed }
  const { messages, model } = body
  if (typeof model !== 'string') return 'you must provide a model parameter'
  const read = readConversation(messages)
  if (typeof read === 'string') return read
  const form = formOf(body)
  const problem = form && problemOfStrictSchema(form.schema)
  if (problem !== undefined) return `Invalid schema for response_format '${form?.name}': ${problem}`
  const tools = readTools(body)
  if (typeof tools === 'string') return tools
  return {
    model,
    messages: read.map(({ content, role }) => ({ role, content: content ?? '' })),
    tools,
    body,
    ...(form ? { form } : {}),
    ...(authorization === undefined ? {} : { authorization }),
  }
}

const toolList = z
  .array(
    z.object({
      type: z.literal('function'),
      function: z.object({
        name: z.string().regex(/^[\w-]{1,64}$/),
        description: z.string(),
        parameters: z.looseObject({ type: z.literal('object') }),
      }),
    }),
  )
  .min(1)

/** Their names; a sentence when a strict server takes no such tools. Some servers take no form beside them, so nor does this one. */
function readTools(body: Record<string, unknown>): string[] | string {
  if (!('tools' in body)) return []
  if ('response_format' in body) return 'response_format cannot be used together with tools'
  const parsed = toolList.safeParse(body['tools'])
  if (!parsed.success) return "Invalid value for 'tools'"
  const names = parsed.data.map((tool) => tool.function.name)
  const problem = parsed.data.map((tool) => problemOfStrictSchema(tool.function.parameters)).find(Boolean)
  return problem === undefined ? names : `Invalid schema for tools: ${problem}`
}

function formOf(body: Record<string, unknown>): ModelRequest['form'] | undefined {
  // The two levels of OpenAI's `response_format`; what is not there stays undefined.
  const format = body['response_format'] as { json_schema?: { name?: unknown; schema?: unknown } } | undefined
  const given = format?.json_schema
  return given ? { name: String(given.name), schema: given.schema } : undefined
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const reply = errorReply(status, { message })
  sendJson(response, reply.status, reply.body)
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
