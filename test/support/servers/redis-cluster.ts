// A Redis Cluster of three nodes on the loopback address, each with a third of the slots and no replica.
import { Redis } from 'ioredis'
import { freePort } from './child.ts'
import { type PrivateRedis, startRedis } from './redis.ts'

export interface PrivateCluster {
  readonly nodes: readonly PrivateRedis[]
  stop(): Promise<void>
}

const slots = 16_384

/** Needs Redis 7 or Valkey: older ones cannot choose the port on which the nodes speak to each other. */
export async function startRedisCluster(): Promise<PrivateCluster> {
  const busPorts = await Promise.all([freePort(), freePort(), freePort()])
  const nodes = await Promise.all(
    busPorts.map((port) => startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-port', String(port)] })),
  )
  const admins = nodes.map((node) => new Redis(node.url))
  for (const [index, admin] of admins.entries()) {
    const [from, to] = [index, index + 1].map((third) => Math.floor((slots * third) / nodes.length))
    await admin.cluster('ADDSLOTSRANGE', from ?? 0, (to ?? 0) - 1)
    await admins[0]?.cluster('MEET', '127.0.0.1', nodes[index]?.port ?? 0, busPorts[index] ?? 0)
  }
  await Promise.all(admins.map(untilWhole))
  for (const admin of admins) admin.disconnect()
  return {
    nodes,
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
}

async function untilWhole(admin: Redis): Promise<void> {
  for (;;) {
    const known = await admin.cluster('SLOTS')
    if (known.length === 3 && (await admin.cluster('INFO')).includes('cluster_state:ok')) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
