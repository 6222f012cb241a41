import { testRedis } from '../support/real.ts'
import { queueContract } from './contract.ts'
import { createRedisHarness } from './redis-harness.ts'

queueContract('a Redis stream', async () => {
  const { prefix, url } = testRedis()
  return createRedisHarness({ url, name: prefix })
})
