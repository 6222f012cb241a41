// `node --import ./test/faults/stall.ts src/worker.ts`: the event loop stands still right before a review is written, after
// every check has been passed. Heartbeats stop with it, so another worker takes over; then the write goes out all the same.
//
// Which write it is depends on STALL_SEED and on the process, so that no two workers stall alike.
import { createRandom } from './harness/random.ts'

const stallMs = Number(process.env['STALL_MS'])
const probability = Number(process.env['STALL_PROBABILITY'])
const random = createRandom(Number(process.env['STALL_SEED']) * 100_003 + process.pid)
const send = globalThis.fetch

globalThis.fetch = (input, init) => {
  const { pathname } = new URL(input instanceof Request ? input.url : input)
  const writes = init?.method === 'POST' && /\/pulls\/\d+\/reviews(?:\/\d+\/events)?$/.test(pathname)
  if (writes && random.chance(probability)) {
    process.stdout.write('{"msg":"stalled"}\n')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs)
  }
  return send(input, init)
}
