// Redis dies, Redis forgets everything, Postgres throws everybody out.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { load, runCampaign, seed, type Stage } from './campaign.ts'
import { clean } from './oracle.ts'

test('Redis killed and restarted again and again costs no review', async () => {
  const went = await runCampaign({ name: 'Redis: kill -9 and restart', seed, reviews: load, faults: killRedis })

  expect(went).toEqual({ ...clean, injected: 10, gone: 0 })
})

test('Redis flushed again and again costs no review', async () => {
  const went = await runCampaign({ name: 'Redis: FLUSHALL', seed, reviews: load, faults: flushRedis })

  expect(went).toEqual({ ...clean, injected: 20, gone: 0 })
})

test('Postgres ending all sessions again and again costs no review', async () => {
  const went = await runCampaign({
    name: 'Postgres: pg_terminate_backend of all sessions',
    seed,
    reviews: load,
    faults: endSessions,
  })

  expect(went).toEqual({ ...clean, injected: 25, gone: 0 })
})

async function killRedis({ injected, pause, plumbline, random }: Stage): Promise<void> {
  for (let killed = 0; killed < 10; killed++) {
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

async function endSessions({ injected, pause, plumbline }: Stage): Promise<void> {
  for (let ended = 0; ended < 25; ended++) {
    await pause(100, 800)
    await plumbline.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    )
    injected()
  }
}
