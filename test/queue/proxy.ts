// A bad network between us and Redis.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Proxy {
  readonly url: string
  /** Connections that are open now. */
  readonly connections: number
  /** From now on nothing comes back on the connections there are, and nothing closes: a pulled cable. New ones work. */
  silence(): void
  /** The next command reaches Redis; instead of its reply the connection breaks. */
  cutNextReply(): void
  close(): Promise<void>
}

/** `url` of a Redis on the loopback address. */
export async function startProxy(url: string): Promise<Proxy> {
  const port = Number(new URL(url).port || 6379)
  const pairs = new Set<{ client: Socket; server: Socket }>()
  let cutNext = false
  const listener = createServer((client) => {
    const server = connect(port, new URL(url).hostname)
    const pair = { client, server }
    pairs.add(pair)
    const end = (): void => {
      pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) socket.on('error', end).on('close', end)
    client.on('data', (data) => server.write(data))
    server.on('data', (data) => {
      if (!cutNext) return client.write(data)
      cutNext = false
      return end()
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `redis://127.0.0.1:${address.port}`,
    get connections() {
      return pairs.size
    },
    silence() {
      for (const { server } of pairs) server.removeAllListeners('data').resume()
    },
    cutNextReply() {
      cutNext = true
    },
    async close() {
      for (const { client, server } of pairs) {
        client.destroy()
        server.destroy()
      }
      listener.close()
      await once(listener, 'close')
    },
  }
}
