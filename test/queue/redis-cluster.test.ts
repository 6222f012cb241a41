// A Redis Cluster of three nodes: whichever one the URL names, the queue is found where its hash tag belongs.
import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createSystemClock } from '../../src/clock.ts'
import { queueKeys } from '../../src/queue/keys.ts'
import { createRedisEvents } from '../../src/queue/redis-events.ts'
import { createKeptLog } from '../support/log.ts'
import '../support/real.ts'
import { type PrivateCluster, startRedisCluster } from '../support/servers/redis-cluster.ts'
import { queueContract } from './contract.ts'
import { createRedisHarness } from './redis-harness.ts'

let cluster: PrivateCluster
const urlOf = (node: number): string => cluster.nodes[node]?.url ?? ''

beforeAll(async () => {
  cluster = await startRedisCluster()
})

afterAll(() => cluster.stop())

// Random names: most of them belong to a node that the URL does not name.
queueContract('a Redis Cluster', async () =>
  createRedisHarness({ url: urlOf(0), name: `q-${randomBytes(6).toString('hex')}` }),
)

test('a queue whose keys move to another node is found there', async () => {
  const name = `q-${randomBytes(6).toString('hex')}`
  const harness = createRedisHarness({ url: urlOf(0), name })
  const queue = await harness.connect()
  await queue.take(1)
  const admins = cluster.nodes.map((node) => new Redis(node.url))
  const { stream } = queueKeys(name)
  const slot = (await admins[0]?.cluster('KEYSLOT', stream)) ?? 0
  const ids = await Promise.all(admins.map((admin) => admin.cluster('MYID')))
  const owner = Math.floor((slot * 3) / 16_384)
  const heir = (owner + 1) % 3
  await admins[owner]?.del(stream)

  for (const at of [heir, owner, 3 - heir - owner]) await admins[at]?.cluster('SETSLOT', slot, 'NODE', ids[heir] ?? '')
  await vi.waitFor(() => queue.enqueue('1'), 10_000)

  await vi.waitFor(async () => expect(await queue.take(1)).toMatchObject([{ jobId: '1' }]), 10_000)
  expect(await admins[heir]?.xlen(stream)).toBe(1)
  for (const admin of admins) admin.disconnect()
  await harness.close()
})

test('an event that is published to one node is heard at another', async () => {
  const [clock, log] = [createSystemClock(), createKeptLog()]
  const [here, there] = [0, 1].map((node) => createRedisEvents({ url: urlOf(node), clock, log }))
  const heard = vi.fn<() => void>()
  const hear = () =>
    vi.waitFor(() => {
      here?.publish('7')
      expect(heard).toHaveBeenCalled()
    }, 5000)
  await there?.subscribe('7', heard)
  // Its new connection tells every listener, too.
  await hear()
  heard.mockClear()

  await hear()

  await Promise.all([here?.close(), there?.close()])
})
