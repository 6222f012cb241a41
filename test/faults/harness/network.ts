// A bad network between Plumbline and Redis, or Postgres: a proxy that knows which connection to Redis is for what.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** `subscriber`: one that says nothing but what every connection says at its start, and PING. */
export type ConnectionKind = 'reader' | 'commands' | 'publisher' | 'subscriber'

export interface Network {
  readonly url: string
  /**
   * From now on nothing comes back on the connections of this kind (without one: on any) that are there, and nothing closes:
   * a pulled cable. New ones work. Resolves, when our side has closed all of them, with how long the last one took in ms;
   * rejects after a minute.
   */
  silence(kind?: ConnectionKind): Promise<number>
  /** Asked for each reply to a script: whether the connection breaks in its place. */
  cutsReply: () => boolean
  close(): Promise<void>
}

interface Pair {
  client: Socket
  server: Socket
  kind: ConnectionKind
  /** The last thing that was asked is a script. */
  asksScript: boolean
  closed: Promise<void>
}

/** `url` of a server on the loopback address. */
export async function startNetwork(url: string): Promise<Network> {
  const { hostname, port } = new URL(url)
  const pairs = new Set<Pair>()
  const network = { cutsReply: () => false }
  const listener = createServer((client) => {
    const server = connect(Number(port), hostname)
    const closed = new Promise<void>((resolve) => client.on('close', () => resolve()))
    const pair: Pair = { client, server, kind: 'subscriber', asksScript: false, closed }
    pairs.add(pair)
    join(pair, () => network.cutsReply())
    void pair.closed.then(() => pairs.delete(pair))
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  // A TCP server's address is an object.
  const address = listener.address() as AddressInfo
  const proxied = new URL(url)
  proxied.port = String(address.port)
  return Object.assign(network, {
    url: proxied.href,
    silence: (kind?: ConnectionKind) =>
      silence(
        [...pairs].filter((pair) => kind === undefined || pair.kind === kind),
        kind ?? 'connection',
      ),
    async close() {
      for (const { client, server } of pairs) for (const socket of [client, server]) socket.destroy()
      listener.close()
      await once(listener, 'close')
    },
  })
}

function join(pair: Pair, cutsReply: () => boolean): void {
  const { client, server } = pair
  const end = (): void => {
    client.destroy()
    server.destroy()
  }
  for (const socket of [client, server]) socket.on('error', end).on('close', end)
  client.on('data', (data) => {
    learn(pair, data.toString('latin1'))
    server.write(data)
  })
  server.on('data', (data) => {
    const cuts = pair.asksScript && cutsReply()
    pair.asksScript = false
    if (cuts) end()
    else client.write(data)
  })
}

function learn(pair: Pair, said: string): void {
  if (/\bXREADGROUP\b/i.test(said)) pair.kind = 'reader'
  else if (/\r\nPUBLISH\r\n/i.test(said)) pair.kind = 'publisher'
  else if (/\r\n(?:EVAL|EVALSHA|FCALL|XPENDING|TIME)\r\n/i.test(said) && pair.kind !== 'reader') pair.kind = 'commands'
  if (/\r\n(?:EVAL|EVALSHA|FCALL)\r\n/i.test(said)) pair.asksScript = true
}

async function silence(pairs: readonly Pair[], kind: string): Promise<number> {
  const from = performance.now()
  for (const { server } of pairs) server.removeAllListeners('data').resume()
  const patience = AbortSignal.timeout(60_000)
  const deaf = new Promise<never>((_, reject) => {
    patience.addEventListener('abort', () => reject(new Error(`a ${kind} stayed deaf for a minute`)))
  })
  await Promise.race([Promise.all(pairs.map((pair) => pair.closed)), deaf])
  return performance.now() - from
}
