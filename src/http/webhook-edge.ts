// The door for GitHub's deliveries: our own route instead of a framework's, because it decides what a stranger can cost us.
//
// What must always hold: nothing is parsed before the signature over the raw bytes is right; a body never grows past its cap;
// 202 is answered only after `receive` resolved, which is when the delivery is recorded for good; and every answer comes
// within seconds, since GitHub closes the connection after 10.
// https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks
//
// The race that is accepted: a delivery recorded later than `answerWithinMs` was answered with 503. GitHub shows it as
// failed; a redelivery keeps its GUID and adds nothing.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../jobs/ports.ts'
import { unreachable } from '../review/outcome.ts'
import { createRawBodyReader, type RawBody } from './raw-body.ts'

/** A delivery whose signature is right. */
export interface ReceivedEvent {
  /** `X-GitHub-Delivery` */
  id: string
  /** `X-GitHub-Event`, for example `pull_request` */
  name: string
  payload: Record<string, unknown>
}

export interface WebhookEdgeOptions {
  /** The current secret and the previous one. A delivery signed with either is taken. */
  secrets: readonly string[]
  /**
   * Resolves when the event is recorded. An error with `status: 400` (also inside an `AggregateError`) is the sender's
   * fault and its message is answered; any other error is ours and only logged.
   */
  receive(event: ReceivedEvent): Promise<void>
  log: Log
  /** GitHub's own cap on a payload is 25 MB. https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap */
  maxBytes?: number
  /** All bodies under way together. */
  maxBytesTogether?: number
  bodyTimeoutMs?: number
  answerWithinMs?: number
}

export type Edge = (request: IncomingMessage, response: ServerResponse) => void

interface Answer {
  status: number
  body: { error: string } | { status: string }
  headers?: Record<string, string>
}

export function createWebhookEdge(options: WebhookEdgeOptions): Edge {
  const readRawBody = createRawBodyReader({
    maxBytes: options.maxBytes ?? 25 * 1024 * 1024,
    maxBytesTogether: options.maxBytesTogether ?? 64 * 1024 * 1024,
    timeoutMs: options.bodyTimeoutMs ?? 10_000,
  })
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refuseByHeaders(request)
    if (refused) return end(response, refused)
    const body = await readRawBody(request)
    if (body.kind === 'gone') return void response.destroy()
    if (body.kind !== 'read') return end(response, refuseBody(body))
    end(response, await takeBody(request, body.bytes, options))
  }
  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      options.log.error({ err: error }, 'webhook route failed')
      response.destroy()
    })
  }
}

/** What can be said before a byte of the body is read. */
function refuseByHeaders(request: IncomingMessage): Answer | undefined {
  const { headers, method } = request
  if (method !== 'POST') return { ...refusal(405, 'Deliveries are posted.'), headers: { allow: 'POST' } }
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? ''))
    return refusal(415, 'Set the content type of the webhook to application/json.')
  if (!signatureOf(request)) return refusal(401, 'The header x-hub-signature-256 is missing or malformed.')
  if (!/^[0-9A-Za-z-]{1,64}$/.test(header(request, 'x-github-delivery')))
    return refusal(400, 'The header x-github-delivery is missing or malformed.')
  if (!/^[a-z_]{1,64}$/.test(header(request, 'x-github-event')))
    return refusal(400, 'The header x-github-event is missing or malformed.')
  return undefined
}

function refuseBody(body: Exclude<RawBody, { kind: 'read' | 'gone' }>): Answer {
  switch (body.kind) {
    case 'too-large':
      return refusal(413, 'The body is larger than a delivery can be.')
    case 'too-slow':
      return refusal(408, 'The body did not arrive in time.')
    case 'busy':
      return { ...refusal(503, 'Too much is being received. Try again.'), headers: { 'retry-after': '10' } }
    default:
      return unreachable(body)
  }
}

async function takeBody(request: IncomingMessage, bytes: Buffer, options: WebhookEdgeOptions): Promise<Answer> {
  const given = signatureOf(request)
  if (!given || !isSigned(bytes, given, options.secrets)) return refusal(401, 'The signature is wrong.')
  const payload = parseObject(bytes)
  if (!payload) return refusal(400, 'The body is not a JSON object.')
  const event = { id: header(request, 'x-github-delivery'), name: header(request, 'x-github-event'), payload }
  if (event.name === 'ping') return { status: 200, body: { status: 'pong' } }
  return record(event, options)
}

/** Every secret is tried, whichever was right: the time taken says nothing. */
function isSigned(bytes: Buffer, given: Buffer, secrets: readonly string[]): boolean {
  const results = secrets.map((secret) => timingSafeEqual(createHmac('sha256', secret).update(bytes).digest(), given))
  return results.includes(true)
}

async function record(event: ReceivedEvent, options: WebhookEdgeOptions): Promise<Answer> {
  const fields = { delivery: event.id, event: event.name }
  const late = Promise.withResolvers<Answer>()
  let answered = false
  const timer = setTimeout(() => {
    answered = true
    late.resolve(refusal(503, 'The delivery could not be recorded in time. Redeliver it.'))
  }, options.answerWithinMs ?? 2000)
  const recorded = Promise.try(() => options.receive(event)).then(
    (): Answer => {
      if (answered) options.log.warn(fields, 'delivery recorded, but too late for its answer')
      return { status: 202, body: { status: 'recorded' } }
    },
    (error: unknown): Answer => {
      options.log.warn({ ...fields, err: error }, 'delivery not recorded')
      const sentence = sendersFault(error)
      return sentence === undefined
        ? refusal(503, 'The delivery could not be recorded. Redeliver it.')
        : refusal(400, sentence)
    },
  )
  const answer = await Promise.race([recorded, late.promise])
  clearTimeout(timer)
  return answer
}

/** The message of an error with `status: 400`; Octokit wraps what a hook throws into an `AggregateError`. */
function sendersFault(error: unknown): string | undefined {
  if (error instanceof AggregateError) return error.errors.map(sendersFault).find((sentence) => sentence !== undefined)
  return error instanceof Error && 'status' in error && error.status === 400 ? error.message : undefined
}

function signatureOf(request: IncomingMessage): Buffer | undefined {
  const digest = /^sha256=([0-9a-f]{64})$/.exec(header(request, 'x-hub-signature-256'))?.[1]
  return digest === undefined ? undefined : Buffer.from(digest, 'hex')
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name]
  return typeof value === 'string' ? value : ''
}

function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    // `as`: an object of JSON has string keys, and its values stay unknown.
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

const refusal = (status: number, error: string): Answer => ({ status, body: { error } })

/** A sender that is still sending is given this long to read the answer before the connection is closed. */
const lingerMs = 500

function end(response: ServerResponse, answer: Answer): void {
  const request = response.req
  const text = asciiJson(answer.body)
  response.statusCode = answer.status
  response.setHeaders(new Map(Object.entries({ ...answer.headers, 'content-type': 'application/json' })))
  response.setHeader('content-length', text.length)
  if (request.complete) return void response.end(text)
  // Nothing more is read. Closing at once would reset the connection before the sender has seen why.
  request.pause()
  response.setHeader('connection', 'close')
  response.write(text)
  const timer = setTimeout(() => response.end(), lingerMs)
  response.once('close', () => clearTimeout(timer))
}

/** Other characters as `\u` escapes, so that a byte is a character whoever counts. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
