// The bytes of a request, under a cap.
//
// What must always hold: nobody who does not know the secret can make us hold much memory. One body stays under its cap, and
// all bodies under way together under `maxBytesTogether`, except for small ones: real deliveries of some ten kilobytes get
// through while somebody else fills the budget. Bytes are copied into one buffer: a list of chunks would cost a hundred bytes
// for each, and a chunk can be one byte long.
import type { IncomingMessage } from 'node:http'

export interface RawBodyOptions {
  maxBytes: number
  maxBytesTogether: number
  /** From the end of the headers to the end of the body. */
  timeoutMs: number
}

export type RawBody =
  | { kind: 'read'; bytes: Buffer }
  /** More than `maxBytes`, announced or sent. */
  | { kind: 'too-large' }
  | { kind: 'too-slow' }
  /** Too many bodies are under way. */
  | { kind: 'busy' }
  /** The sender went away: nobody is left to answer. */
  | { kind: 'gone' }

/** Bodies up to this size are taken whatever others hold: ten times a usual delivery. */
const smallBytes = 256 * 1024
const firstBytes = 64 * 1024

/** The function never rejects. After anything but `read` the request is paused: what still comes stays with the sender. */
export function createRawBodyReader(options: RawBodyOptions): (request: IncomingMessage) => Promise<RawBody> {
  let together = 0
  return async function readRawBody(request) {
    if (Number(request.headers['content-length']) > options.maxBytes) return { kind: 'too-large' }
    const ended = Promise.withResolvers<Exclude<RawBody['kind'], 'read'> | 'end'>()
    const timer = setTimeout(() => ended.resolve('too-slow'), options.timeoutMs)
    let buffer: Buffer = Buffer.allocUnsafe(firstBytes)
    let held = 0
    request.on('end', () => ended.resolve('end')).on('error', () => ended.resolve('gone'))
    request.on('close', () => ended.resolve('gone'))
    request.on('data', (chunk: Buffer) => {
      const size = held + chunk.length
      if (size > options.maxBytes) return ended.resolve('too-large')
      if (size > smallBytes && together + chunk.length > options.maxBytesTogether) return ended.resolve('busy')
      if (size > buffer.length) buffer = grown(buffer, size)
      chunk.copy(buffer, held)
      held = size
      together += chunk.length
    })
    const kind = await ended.promise
    clearTimeout(timer)
    request.pause().removeAllListeners('data')
    together -= held
    return kind === 'end' ? { kind: 'read', bytes: buffer.subarray(0, held) } : { kind }
  }
}

/** Twice as large, so that copying costs no more than reading. */
function grown(buffer: Buffer, atLeast: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, atLeast))
  buffer.copy(larger)
  return larger
}
