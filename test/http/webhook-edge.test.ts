import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Hono } from 'hono'
import { describe, expect, test, vi } from 'vitest'
import { createWebServer } from '../../src/http/server.ts'
import { createWebhookEdge, type ReceivedEvent, type WebhookEdgeOptions } from '../../src/http/webhook-edge.ts'
import { createKeptLog } from '../support/log.ts'
import { listening } from './listening.ts'

const secret = 'the secret of today'
const previous = 'the secret of yesterday'
const route = '/api/github/webhooks'

async function startEdge(options: Partial<WebhookEdgeOptions> = {}) {
  const received: ReceivedEvent[] = []
  const log = createKeptLog()
  const receive = async (event: ReceivedEvent) => void received.push(event)
  const edge = createWebhookEdge({ secrets: [secret, previous], receive, log, ...options })
  const server = createWebServer({ edge, app: new Hono() })
  return { ...(await listening(server)), received, lines: log.lines }
}

const sign = (body: string | Buffer, key = secret) => `sha256=${createHmac('sha256', key).update(body).digest('hex')}`

function post(url: string, body: string, headers: Record<string, string | undefined> = {}): Promise<Response> {
  const all = {
    'content-type': 'application/json',
    'x-github-event': 'pull_request',
    'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    'x-hub-signature-256': sign(body),
    ...headers,
  }
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return fetch(url + route, { method: 'POST', body, headers: given })
}

describe('refused before the body is read', () => {
  test.each([
    ['no signature', { 'x-hub-signature-256': undefined }, 401],
    ['only the old SHA-1 signature', { 'x-hub-signature-256': undefined, 'x-hub-signature': 'sha1=0' }, 401],
    ['a signature that is cut off', { 'x-hub-signature-256': 'sha256=abcd' }, 401],
    ['a signature in upper case', { 'x-hub-signature-256': sign('{}').toUpperCase() }, 401],
    ['a form instead of JSON', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['no event name', { 'x-github-event': undefined }, 400],
    ['no GUID', { 'x-github-delivery': undefined }, 400],
    ['a GUID with a line break', { 'x-github-delivery': 'a b' }, 400],
  ])('%s', async (_, headers, status) => {
    const { received, url } = await startEdge()

    const response = await post(url, '{}', headers)

    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ error: expect.stringMatching(/\.$/) })
    expect(received).toEqual([])
  })

  test('anything but POST', async () => {
    const { url } = await startEdge()

    const response = await fetch(url + route)

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
  })
})

describe('refused by what the body is', () => {
  test.each([
    ['another secret', sign('{}', 'not the secret at all')],
    ['the signature of another body', sign('{"a":1}')],
    ['zeros', `sha256=${'0'.repeat(64)}`],
  ])('a signature made with %s', async (_, signature) => {
    const { received, url } = await startEdge()

    const response = await post(url, '{}', { 'x-hub-signature-256': signature })

    expect(response.status).toBe(401)
    expect(received).toEqual([])
  })

  test.each([
    ['half an object', '{"action":'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '7'],
    ['bytes that are no text', '\u0000\u0001'],
  ])('signed, but %s', async (_, body) => {
    const { received, url } = await startEdge()

    const response = await post(url, body)

    expect(response.status).toBe(400)
    expect(received).toEqual([])
  })

  test('malformed JSON with a wrong signature is not even parsed', async () => {
    const { url } = await startEdge()

    const response = await post(url, '{"action":', { 'x-hub-signature-256': sign('{}') })

    expect(response.status).toBe(401)
  })
})

describe('too large', () => {
  test('a body that announces more than the cap is refused at once and the connection closed', async () => {
    const { port, received, sockets } = await startEdge()
    const client = connect(port, '127.0.0.1')
    client.write(
      `POST ${route} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-github-event: push\r\nx-github-delivery: 1\r\n` +
        `x-hub-signature-256: ${sign('')}\r\ncontent-length: 26214401\r\n\r\n`,
    )

    const [answer] = await once(client, 'data')
    await once(client, 'close')

    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close[\s\S]*\{"error":/i)
    expect(sockets[0]?.bytesRead).toBeLessThan(1000)
    expect(received).toEqual([])
  })

  test('of 200 MB without an announcement, no more than the cap is read', async () => {
    const { port, received, sockets } = await startEdge()
    const megabyte = Buffer.alloc(1024 * 1024, 0x20)
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': '1',
      'x-hub-signature-256': sign('something else'),
    }
    const before = process.memoryUsage().rss
    const client = httpRequest({ port, host: '127.0.0.1', path: route, method: 'POST', headers })
    const answered = once(client, 'response')
    const closed = new Promise<void>((resolve) => client.on('close', resolve).on('error', () => resolve()))
    let open = true
    void closed.then(() => (open = false))
    for (let sent = 0; sent < 200 && open; sent++) {
      if (!client.write(megabyte)) await Promise.race([once(client, 'drain').catch(() => undefined), closed])
    }

    const [response] = await answered
    await closed

    expect(response.statusCode).toBe(413)
    expect(sockets[0]?.bytesRead).toBeLessThan(27 * 1024 * 1024)
    expect(process.memoryUsage().rss - before).toBeLessThan(120 * 1024 * 1024)
    expect(received).toEqual([])
  })

  test('a body of exactly the cap is taken', async () => {
    const { received, url } = await startEdge({ maxBytes: 1000 })
    const body = JSON.stringify({ text: 'x'.repeat(989) })

    const [taken, refused] = [await post(url, body), await post(url, body + ' ')]

    expect(body).toHaveLength(1000)
    expect([taken.status, refused.status]).toEqual([202, 413])
    expect(received).toHaveLength(1)
  })

  test('while strangers fill the budget, small deliveries get through', async () => {
    const { port, sockets, url } = await startEdge({ maxBytesTogether: 1024 * 1024 })
    const head =
      `POST ${route} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-github-event: push\r\nx-github-delivery: 1\r\n` +
      `x-hub-signature-256: ${sign('')}\r\ncontent-length: 2000000\r\n\r\n`
    const holder = connect(port, '127.0.0.1')
    holder.write(head + 'x'.repeat(1024 * 1024 - 1))
    await vi.waitFor(() => expect(sockets[0]?.bytesRead).toBeGreaterThan(1024 * 1024))

    const large = await post(url, JSON.stringify({ text: 'x'.repeat(500_000) }))
    const small = await post(url, JSON.stringify({ text: 'x'.repeat(20_000) }))
    holder.destroy()

    expect([large.status, small.status]).toEqual([503, 202])
    await vi.waitFor(async () => {
      const after = await post(url, JSON.stringify({ text: 'x'.repeat(500_000) }))
      expect(after.status).toBe(202)
    })
  })
})

describe('too slow', () => {
  test('a body that does not end in time is answered with 408', async () => {
    const { port, received } = await startEdge({ bodyTimeoutMs: 60 })
    const headers = { 'content-type': 'application/json', 'x-github-event': 'push', 'x-github-delivery': '1' }
    const client = httpRequest({
      port,
      host: '127.0.0.1',
      path: route,
      method: 'POST',
      headers: { ...headers, 'x-hub-signature-256': sign('{}') },
    })
    client.on('error', () => undefined)
    client.write('{')

    const [response] = await once(client, 'response')

    expect(response.statusCode).toBe(408)
    expect(received).toEqual([])
  })

  test('a sender that goes away half-way leaves nothing behind', async () => {
    const { lines, port, received, sockets } = await startEdge()
    const client = connect(port, '127.0.0.1')
    client.write(
      `POST ${route} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-github-event: push\r\nx-github-delivery: 1\r\n` +
        `x-hub-signature-256: ${sign('{}')}\r\ncontent-length: 2\r\n\r\n{`,
    )
    await vi.waitFor(() => expect(sockets[0]?.bytesRead).toBeGreaterThan(100))

    client.destroy()
    await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true))
    await nextTurn()

    expect(received).toEqual([])
    expect(lines).toEqual([])
  })
})

describe('not recorded', () => {
  test('an error of ours is 503, and only the log knows what it was', async () => {
    const receive = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.5:5432'))
    const { lines, url } = await startEdge({ receive })

    const response = await post(url, '{}')

    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('ECONNREFUSED')
    expect(lines).toEqual([expect.objectContaining({ level: 'warn', text: 'delivery not recorded' })])
  })

  test('an error that is thrown at once is 503 too', async () => {
    const receive = () => {
      throw new Error('at once')
    }
    const { url } = await startEdge({ receive })

    expect((await post(url, '{}')).status).toBe(503)
  })

  test("the sender's fault is 400 with its sentence, also from inside Octokit's wrapper, in ASCII", async () => {
    const fault = Object.assign(new Error('pull_request.head.sha is missing in “Größe”'), { status: 400 })
    const receive = () => Promise.reject(new AggregateError([fault], fault.message))
    const { url } = await startEdge({ receive })

    const response = await post(url, '{}')
    const text = await response.text()

    expect(response.status).toBe(400)
    expect(JSON.parse(text)).toEqual({ error: fault.message })
    expect(text).toMatch(/^[\x20-\x7e]+$/)
    expect(response.headers.get('content-length')).toBe(String(text.length))
  })

  test('what takes too long is 503, and its late end is logged', async () => {
    const recording = Promise.withResolvers<void>()
    const { lines, url } = await startEdge({ receive: () => recording.promise, answerWithinMs: 30 })

    const response = await post(url, '{}')
    recording.resolve()

    expect(response.status).toBe(503)
    await vi.waitFor(() =>
      expect(lines).toEqual([expect.objectContaining({ text: 'delivery recorded, but too late for its answer' })]),
    )
  })
})

describe('recorded', () => {
  test('a delivery is handed on as it was sent, and answered with 202 once it is recorded', async () => {
    const recording = Promise.withResolvers<void>()
    const received: ReceivedEvent[] = []
    const receive = (event: ReceivedEvent) => {
      received.push(event)
      return recording.promise
    }
    const { lines, url } = await startEdge({ receive })
    const payload = { action: 'opened', number: 1.0, title: 'Größe 🎉', nothing: null }

    const answer = post(url, JSON.stringify(payload))
    await vi.waitFor(() => expect(received).toHaveLength(1))
    recording.resolve()

    expect((await answer).status).toBe(202)
    expect(received).toEqual([{ id: '72d3162e-cc78-11e3-81ab-4c9367dc0958', name: 'pull_request', payload }])
    expect(lines).toEqual([])
  })

  test('a delivery that is signed with the previous secret is taken', async () => {
    const { received, url } = await startEdge()

    const response = await post(url, '{}', { 'x-hub-signature-256': sign('{}', previous) })

    expect(response.status).toBe(202)
    expect(received).toHaveLength(1)
  })

  test('the signature is over the bytes, however they spell the JSON', async () => {
    const { received, url } = await startEdge()

    const response = await post(url, '{ "n": 1.0,\r\n "s": "\\u00e4", "s": "b" }')

    expect(response.status).toBe(202)
    expect(received[0]?.payload).toEqual({ n: 1, s: 'b' })
  })

  test("GitHub's ping is answered and recorded nowhere", async () => {
    const { received, url } = await startEdge()

    const response = await post(url, '{"zen":"x"}', { 'x-github-event': 'ping' })

    expect(response.status).toBe(200)
    expect(received).toEqual([])
  })

  test('deep nesting neither ends the process nor is refused', async () => {
    const { received, url } = await startEdge()
    const depth = 200_000

    const response = await post(url, `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)

    expect(response.status).toBe(202)
    expect(received).toHaveLength(1)
  })

  test('keys that mean something to JavaScript change nothing', async () => {
    const { received, url } = await startEdge()

    const response = await post(url, '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')

    expect(response.status).toBe(202)
    expect(Object.hasOwn(received[0]?.payload ?? {}, '__proto__')).toBe(true)
    expect('polluted' in {}).toBe(false)
  })

  test('one connection carries many deliveries, good and bad', async () => {
    const { received, sockets, url } = await startEdge()

    const statuses = []
    for (const body of ['{}', '[', '{}', '7', '{}']) statuses.push((await post(url, body)).status)

    expect(statuses).toEqual([202, 400, 202, 400, 202])
    expect(received).toHaveLength(3)
    expect(sockets.length).toBeLessThanOrEqual(2)
  })

  test('a query behind the route is no other route', async () => {
    const { url } = await startEdge()

    const response = await fetch(`${url}${route}?a=b`)

    expect(response.status).toBe(405)
  })
})
