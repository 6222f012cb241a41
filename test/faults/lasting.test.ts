// What builds up over time: consumers, memory, and everything at once.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { addToWrites } from './github-faults.ts'
import { leaseMs, load, runCampaign, seeds } from './harness/campaign.ts'
import { deliverOnce } from './harness/load.ts'
import { clean } from './harness/oracle.ts'
import type { Stage } from './harness/stage.ts'

test.each(seeds(1))('worker after worker leaves neither consumers nor memory behind, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'SIGTERM, as many restarts of workers as reviews',
    seed,
    reviews: load,
    env: { WORKER_CONCURRENCY: '4' },
    faults: restartOften,
    measure: measureConsumers,
  })

  expect(went).toMatchObject({ ...clean, injected: load, gone: 0 })
  expect(went.measured['consumers']).toBeLessThanOrEqual(3)
  expect(went.measured['memory of Redis grew by %']).toBeLessThanOrEqual(10)
})

// Each stretch of two minutes is a row of its own, so a soak that was interrupted goes on where it was.
const minutes = Number(process.env['FAULT_SOAK_MINUTES'] ?? '2')
const stretchMs = 120_000
const stretches = Array.from({ length: Math.ceil((minutes * 60_000) / stretchMs) }, (_, index) => index + 1)
const soaks = seeds(1).flatMap((seed) => stretches.map((stretch) => ({ seed, stretch })))

test.each(soaks)(
  'two minutes of every fault by chance, stretch $stretch, seed $seed',
  { timeout: 600_000 },
  async (one) => {
    const went = await runCampaign({
      name: `soak, stretch ${one.stretch} of two minutes`,
      seed: one.seed * 1000 + one.stretch,
      reviews: 3 * load,
      accounts: 3,
      ownPostgres: [],
      prepare: (stage) => {
        addToWrites(stage, { kind: 'commit-then-502' }, 0.05)
        addToWrites(stage, { kind: 'commit-then-drop' }, 0.03)
        addToWrites(stage, { kind: 'secondary-limit', retryAfter: 1 }, 0.05)
      },
      deliver: deliverEvenly,
      faults: breakEverything,
    })

    expect(went).toMatchObject({ ...clean, gone: 0 })
  },
)

async function restartOften({ crew, injected, note, plumbline, web }: Stage): Promise<void> {
  const before: number[] = []
  for (let restarted = 0; restarted < load; restarted++) {
    await crew.replaceOne()
    injected()
    if (restarted === Math.floor(load / 4)) before.push(await redisMemory(plumbline.redis.url), memoryOf(web.pid))
  }
  const [redis = 1, ofWeb = 1] = before
  note('memory of Redis grew by %', percent(redis, await redisMemory(plumbline.redis.url)))
  note('memory of the web process grew by %', percent(ofWeb, memoryOf(web.pid)))
}

function percent(from: number, to: number): number {
  return Math.max(0, (100 * (to - from)) / from)
}

async function redisMemory(url: string): Promise<number> {
  const redis = new Redis(url)
  try {
    return Number(/^used_memory_dataset:(\d+)/m.exec(await redis.info('memory'))?.[1])
  } finally {
    redis.disconnect()
  }
}

/** Kilobytes. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

async function measureConsumers({ note, plumbline }: Stage): Promise<void> {
  const redis = new Redis(plumbline.redis.url)
  try {
    note('consumers', ((await redis.xinfo('CONSUMERS', '{q}:stream', 'workers')) as unknown[]).length)
  } finally {
    redis.disconnect()
  }
}

async function deliverEvenly(stage: Stage): Promise<void> {
  for (const pull of stage.pulls)
    await Promise.all([deliverOnce(stage, pull, 'opened'), sleep(stretchMs / stage.pulls.length)])
}

async function breakEverything(stage: Stage): Promise<void> {
  const until = performance.now() + stretchMs
  while (performance.now() < until) {
    await stage.pause(500, 4000)
    await stage.random.pick(breakages)(stage)
    stage.injected()
  }
  stage.plumbline.github.readLagMs = 0
}

const breakages: readonly ((stage: Stage) => Promise<unknown>)[] = [
  ({ crew }) => crew.killOne(),
  ({ crew }) => crew.replaceOne(),
  ({ crew }) => crew.pauseOne(2 * leaseMs),
  ({ plumbline }) => plumbline.flushRedis(),
  ({ plumbline }) => plumbline.redis.restart(),
  async ({ plumbline }) => {
    plumbline.redis.signal('SIGSTOP')
    await sleep(4000)
    plumbline.redis.signal('SIGCONT')
  },
  async ({ postgres }) => postgres?.restart(),
  ({ plumbline }) =>
    plumbline.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    ),
  async ({ startWeb }) => {
    const web = await startWeb()
    await sleep(1000)
    await web.kill9()
    await startWeb()
  },
  async ({ plumbline, random }) => void (plumbline.github.readLagMs = random.between(0, 250)),
  async ({ plumbline, pulls, random }) => {
    const pull = random.pick(pulls)
    if (plumbline.github.reviewsOf(pull).length > 0) return
    await pull.push({ 'src/tax.ts': `export const tax = ${random.between(1, 1_000_000)}\n` })
  },
]
