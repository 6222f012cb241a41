// An OpenAI-compatible endpoint for tests. By default it reviews; a script says otherwise.
//
//   const model = await startModel()                                      complains about the first added line
//   const model = await startModel([{ kind: '500' }, { kind: 'hang' }])   in this order, then as by default
//   const model = await startModel((request) => ({ kind: 'text', text: 'No.' }))
//   …OPENAI_BASE_URL: model.url
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ModelAnswer, errorReply, sendAnswer } from './answer.ts'
import { reviewFirstAddedLine } from './reviewer.ts'
import { problemOfStrictSchema } from './strict-schema.ts'

export interface ModelRequest {
  model: string
  messages: { role: string; content: string }[]
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
  requests: ModelRequest[]
  givenUp: number
  next: (request: ModelRequest) => ModelAnswer | Promise<ModelAnswer>
}

/** Listens on loopback only. */
export async function startModel(script: Script = [], options: { port?: number } = {}): Promise<ModelStandIn> {
  const state: State = { requests: [], givenUp: 0, next: playerOf(script) }
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
  if (route === 'GET /v1/models') return sendJson(response, 200, { object: 'list', data: [modelJson] })
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

const modelJson = { id: 'stand-in', object: 'model', created: 0, owned_by: 'test' }

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
  if (!isMessages(messages)) return "Invalid value for 'messages'"
  const form = formOf(body)
  const problem = form && problemOfStrictSchema(form.schema)
  if (problem !== undefined) return `Invalid schema for response_format '${form?.name}': ${problem}`
  return { model, messages, body, ...(form ? { form } : {}), ...(authorization === undefined ? {} : { authorization }) }
}

function isMessages(value: unknown): value is ModelRequest['messages'] {
  return Array.isArray(value) && value.length > 0 && value.every(isMessage)
}

function isMessage(value: unknown): boolean {
  const { content, role } = Object(value) as { content?: unknown; role?: unknown } // whatever it is, these are unknown
  return typeof content === 'string' && typeof role === 'string'
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
