// A server on a free port of this machine, closed at the end of the test with whatever is still connected.
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
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

export interface LogLine {
  level: 'info' | 'warn' | 'error'
  fields: object
  text: string
}

/** A log to read along. */
export function listenedLog() {
  const lines: LogLine[] = []
  const at = (level: LogLine['level']) => (fields: object, text: string) => void lines.push({ level, fields, text })
  return { lines, log: { info: at('info'), warn: at('warn'), error: at('error') } }
}
