// Redis dies, freezes, forgets, fills up, is cut off.
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { startProcess } from '../support/processes.ts'
import { Plumbline } from '../support/plumbline.ts'
import { privateRedis, testDatabaseUrl } from '../support/real.ts'
import { leaseMs, load, runCampaign, seeds } from './harness/campaign.ts'
import { type ConnectionKind, type Network, startNetwork } from './harness/network.ts'
import { deliverAll } from './harness/load.ts'
import { clean } from './harness/oracle.ts'
import type { Stage, Surroundings } from './harness/stage.ts'
import { watchRows } from './harness/watch.ts'

test.each(seeds(1))('Redis killed and restarted again and again costs no review, seed %i', async (seed) => {
  const went = await runCampaign({ name: 'Redis: kill -9 and restart', seed, reviews: load, faults: killRedis })

  expect(went).toMatchObject({ ...clean, injected: 20, gone: 0 })
})

test.each(seeds(1))('Redis flushed again and again costs no review, seed %i', async (seed) => {
  const went = await runCampaign({ name: 'Redis: FLUSHALL', seed, reviews: load, faults: flushRedis })

  expect(went).toMatchObject({ ...clean, injected: 20, gone: 0 })
})

test.each(seeds(1))('Redis frozen for longer than a lease costs no review, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'Redis: SIGSTOP for 4 s',
    seed,
    reviews: load,
    prepare: watchRows,
    deliver: (stage) => deliverAll(stage, 80_000 / load),
    faults: freezeRedis,
  })

  expect(went).toMatchObject({ ...clean, injected: 5, gone: 0 })
  expect(went.measured['slowest next claim ms']).toBeLessThan(2000)
})

test.each(seeds(1))('a deleted stream, group or consumer costs no review, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'Redis: DEL stream, XGROUP DESTROY, XGROUP DELCONSUMER',
    seed,
    reviews: load,
    faults: deleteThings,
  })

  expect(went).toMatchObject({ ...clean, injected: 15, gone: 0 })
})

test.each(seeds(1))('a full Redis refuses no delivery and costs no review, seed %i', async (seed) => {
  const went = await runCampaign({ name: 'Redis: maxmemory reached', seed, reviews: load, faults: fillRedis })

  expect(went).toMatchObject({ ...clean, injected: 5, gone: 0 })
})

test.each(seeds(1))('connections that fall silent without closing are replaced, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'Redis: connections fall silent',
    seed,
    reviews: load,
    deliver: (stage) => deliverAll(stage, 7000),
    ...throughNetwork(silenceConnections),
  })

  expect(went).toMatchObject({ ...clean, gone: 0 })
  expect(went.measured['reader replaced after ms']).toBeLessThan(6000)
  expect(went.measured['commands replaced after ms']).toBeLessThan(4500)
})

test.each(seeds(1))(
  'scripts that were carried out without a reply leave one entry for each job, seed %i',
  async (seed) => {
    const went = await runCampaign({
      name: 'Redis: 20 % of replies to scripts cut off',
      seed,
      reviews: load,
      ...throughNetwork(cutReplies),
    })

    expect(went).toMatchObject({ ...clean, gone: 0, measured: { 'entries beyond the first of a job': 0 } })
    expect(went.injected).toBeGreaterThan(load / 2)
  },
)

test('web and worker refuse a Redis that evicts, and say what to change', async () => {
  const redis = await privateRedis({ maxmemoryPolicy: 'allkeys-lru' })
  const plumbline = await Plumbline.start(await testDatabaseUrl())
  const env = { ...plumbline.env, REDIS_URL: redis.url }

  const started = ['src/app.ts', 'src/worker.ts'].map((entry) => startProcess(entry, env))
  const codes = await Promise.all(started.map((one) => one.ended))

  await plumbline.close()
  expect(codes).toEqual([1, 1])
  const said = expect.stringContaining('Set "maxmemory-policy noeviction"') as string
  expect(started.map((one) => one.lines.join('\n'))).toEqual([said, said])
})

async function killRedis({ injected, pause, plumbline, random }: Stage): Promise<void> {
  for (let killed = 0; killed < 20; killed++) {
    await pause(300, 1500)
    await plumbline.redis.kill9()
    await sleep(random.between(0, 1000))
    await plumbline.redis.restart()
    injected()
  }
}

async function flushRedis({ injected, pause, plumbline }: Stage): Promise<void> {
  for (let flushed = 0; flushed < 20; flushed++) {
    await pause(200, 800)
    await plumbline.flushRedis()
    injected()
  }
}

/** Longer than a lease, and than every patience that we have with Redis. Deliveries go on meanwhile, so there is work afterwards. */
async function freezeRedis({ injected, note, pause, plumbline }: Stage): Promise<void> {
  for (let frozen = 0; frozen < 5; frozen++) {
    await pause(500, 1500)
    plumbline.redis.signal('SIGSTOP')
    await sleep(Math.max(4000, 2 * leaseMs))
    const [now] = await plumbline.query<{ at: string; waiting: number }>(
      `select clock_timestamp()::text as at, count(*)::int as waiting from reviews where status = 'queued'`,
    )
    plumbline.redis.signal('SIGCONT')
    injected()
    await sleep(2500)
    const [next] = await plumbline.query<{ ms: number | null }>(
      `select 1000 * extract(epoch from min(at) - $1::timestamptz)::float8 as ms from watched
       where status = 'running' and at > $1::timestamptz`,
      [now?.at],
    )
    if (now && now.waiting > 0) note('slowest next claim ms', next?.ms ?? 2500)
  }
}

async function deleteThings({ injected, pause, plumbline, random }: Stage): Promise<void> {
  const redis = new Redis(plumbline.redis.url)
  try {
    for (let deleted = 0; deleted < 15; deleted++) {
      await pause(200, 1000)
      const what = random.pick(['stream', 'group', 'consumer'])
      if (what === 'stream') await redis.del('{q}:stream')
      if (what === 'group') await redis.xgroup('DESTROY', '{q}:stream', 'workers').catch(() => undefined)
      if (what === 'consumer') await deleteConsumer(redis, random.pick)
      injected()
    }
  } finally {
    redis.disconnect()
  }
}

/** With what is pending for it. */
async function deleteConsumer(redis: Redis, pick: <T>(list: readonly T[]) => T): Promise<void> {
  // XINFO CONSUMERS answers flat lists of names and values.
  const rows = (await redis.xinfo('CONSUMERS', '{q}:stream', 'workers').catch(() => [])) as unknown[][]
  const names = rows.map((row) => String(row[row.indexOf('name') + 1]))
  if (names.length > 0) await redis.xgroup('DELCONSUMER', '{q}:stream', 'workers', pick(names))
}

/** One megabyte is less than an empty Redis takes: from then on it refuses whatever would add something. */
async function fillRedis({ injected, pause, plumbline }: Stage): Promise<void> {
  const redis = new Redis(plumbline.redis.url)
  try {
    for (let filled = 0; filled < 5; filled++) {
      await pause(500, 1500)
      await redis.config('SET', 'maxmemory', '100kb')
      await sleep(2 * leaseMs)
      await redis.config('SET', 'maxmemory', '0')
      injected()
    }
  } finally {
    redis.disconnect()
  }
}

/** Every process reaches Redis through it. */
function throughNetwork(faults: (network: Network, stage: Stage) => Promise<void>) {
  let network: Network
  return {
    async surround({ closing, plumbline }: Surroundings) {
      network = await startNetwork(plumbline.redis.url)
      closing.push(() => network.close())
      return { REDIS_URL: network.url }
    },
    faults: (stage: Stage) => faults(network, stage),
  }
}

/** A subscriber asks for a sign of life every 15 s only, so it is silenced less often. */
async function silenceConnections(network: Network, { injected, note, pause }: Stage): Promise<void> {
  // Publishers first, while reviews give them something to say: until then nobody can tell that they are deaf.
  const kinds: ConnectionKind[] = ['publisher', 'commands', 'reader']
  const subscribers = (async () => {
    note('subscriber replaced after ms', await network.silence('subscriber'))
    injected()
  })()
  for (let silenced = 0; silenced < load; silenced++) {
    const kind = kinds[Math.floor((silenced * kinds.length) / load)] ?? 'reader'
    await pause(100, 600)
    const ms = await network.silence(kind)
    note(`${kind} replaced after ms`, ms)
    injected()
  }
  await subscribers
}

async function cutReplies(network: Network, { injected, note, plumbline, random }: Stage): Promise<void> {
  network.cutsReply = () => {
    const cuts = random.chance(0.2)
    if (cuts) injected()
    return cuts
  }
  const redis = new Redis(plumbline.redis.url)
  try {
    note('entries beyond the first of a job', 0)
    for (let looked = 0; looked < 150; looked++) {
      await sleep(100)
      const jobs = (await redis.xrange('{q}:stream', '-', '+')).map(([, fields]) => fields.join(' '))
      note('entries beyond the first of a job', jobs.length - new Set(jobs).size)
    }
  } finally {
    network.cutsReply = () => false
    redis.disconnect()
  }
}
