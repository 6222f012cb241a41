// A server on a free port of this machine, closed at the end of the test with whatever is still connected.
import { once } from 'node:events'
import { type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export interface Listening {
  url: string
  port: number
  /** Every connection so far, as the server sees it. */
  sockets: Socket[]
}

export async function listening(server: Server): Promise<Listening> {
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, sockets }
}

export interface Asked {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

export interface Question {
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** One request with exactly these headers: `fetch` sets or forbids some of those that decide about access. */
export async function ask(
  port: number,
  path: string,
  { body, headers = {}, method = 'GET' }: Question = {},
): Promise<Asked> {
  const client = request({ port, host: '127.0.0.1', path, method, headers, agent: false })
  client.end(body)
  const [response] = await once(client, 'response')
  return { status: response.statusCode, headers: response.headers, text: await text(response) }
}
