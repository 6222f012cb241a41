import { createSystemClock } from '../../src/clock.ts'
import { createMemoryBroker } from '../../src/queue/memory-queue.ts'
import { queueContract } from './contract.ts'

const leaseMs = 300

queueContract('the queue inside the process', async () => {
  const broker = createMemoryBroker({ clock: createSystemClock(), leaseMs, blockMs: 50 })
  let count = 0
  return { leaseMs, connect: async () => broker.connect(`c-${++count}`), close: async () => undefined }
})
