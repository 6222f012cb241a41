import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHmac } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createWebServer } from '../../../src/http/server.ts'
import { startWebhookProxy } from '../../../src/http/setup/webhook-proxy.ts'
import { createWebhookEdge, type ReceivedEvent } from '../../../src/http/webhook-edge.ts'
import { createKeptLog } from '../../support/log.ts'

const secret = 'a secret for the webhook proxy'

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // a TCP server's address is an object
}

/** A channel that hands on one delivery, as smee.io does: headers and body in one object. */
function startChannel(payload: object): Promise<string> {
  const body = JSON.stringify(payload)
  const delivery = {
    'x-github-event': 'star',
    'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    host: 'smee.test',
    query: {},
    body: payload,
  }
  return listen(
    createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${JSON.stringify(delivery)}\n\n`)
    }),
  )
}

test('a channel that does not answer keeps nobody from starting or stopping', async () => {
  const log = createKeptLog()

  const stop = await startWebhookProxy({ source: 'http://127.0.0.1:1/none', target: 'http://127.0.0.1:1', log })
  await stop()

  await vi.waitFor(() => expect(JSON.stringify(log.lines)).toContain('for development'))
})

test('a delivery of the channel arrives at our own route, with a signature that is still right', async () => {
  const received: ReceivedEvent[] = []
  const log = createKeptLog()
  const edge = createWebhookEdge({ secrets: [secret], receive: async (event) => void received.push(event), log })
  const target = `${await listen(createWebServer({ edge, app: { fetch: () => new Response() } }))}/api/github/webhooks`

  const stop = await startWebhookProxy({
    source: await startChannel({ action: 'created', title: 'Grüße' }),
    target,
    log,
  })
  onTestFinished(stop)

  await vi.waitFor(() => expect(received).toMatchObject([{ name: 'star', payload: { title: 'Grüße' } }]))
})
