import { randomBytes } from 'node:crypto'
import type { QueueConnection } from '../../src/queue/queue.ts'
import { createRedisQueue } from '../../src/queue/redis-queue.ts'
import { createKeptLog } from '../support/log.ts'
import type { QueueHarness } from './contract.ts'

export interface RedisHarnessOptions {
  url: string
  name: string
  leaseMs?: number
}

/** Consumers of one queue on a Redis that somebody else keeps running. */
export function createRedisHarness({ leaseMs = 300, name, url }: RedisHarnessOptions): QueueHarness {
  const connections: QueueConnection[] = []
  return {
    leaseMs,
    async connect() {
      const consumer = `c-${randomBytes(4).toString('hex')}`
      const queue = await createRedisQueue({ url, name, consumer, leaseMs, blockMs: 50, log: createKeptLog() })
      connections.push(queue)
      return queue
    },
    async close() {
      await Promise.all(connections.splice(0).map((queue) => queue.close()))
    },
  }
}
