// Postgres throws everybody out, is restarted, is killed, has no connection left.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, test } from 'vitest'
import { load, runCampaign, seeds } from './harness/campaign.ts'
import { deliverAll, deliverOnce } from './harness/load.ts'
import { type Network, startNetwork } from './harness/network.ts'
import type { PullRequest } from '../support/github/world/pull-request.ts'
import { clean, look } from './harness/oracle.ts'
import type { Stage } from './harness/stage.ts'

test.each(seeds(1))('Postgres ending all sessions again and again costs no review, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'Postgres: pg_terminate_backend of all sessions',
    seed,
    reviews: load,
    faults: endSessionsOften,
  })

  expect(went).toMatchObject({ ...clean, injected: 50, gone: 0 })
})

test.each(seeds(1))(
  'after Postgres has ended all sessions fifty times work goes on as fast as before, seed %i',
  async (seed) => {
    const went = await runCampaign({
      name: 'Postgres: the rate before and after',
      seed,
      reviews: load,
      async deliver(stage) {
        const [warm, before, during, after] = quarters(stage.pulls)
        await workOff(stage, warm)
        const beforeMs = await workOff(stage, before)
        await Promise.all([workOff(stage, during), endSessionsOften(stage)])
        stage.note('rate after in % of before', (100 * beforeMs) / (await workOff(stage, after)))
      },
    })

    expect(went).toMatchObject({ ...clean, injected: 50, gone: 0 })
    expect(went.measured['rate after in % of before']).toBeGreaterThanOrEqual(95)
  },
)

test.each(seeds(1))('Postgres restarted or killed every few seconds costs no review, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'Postgres: restarted or killed every 1-4 s, away for up to 2 s',
    seed,
    reviews: load,
    ownPostgres: [],
    faults: restartPostgres,
  })

  expect(went).toMatchObject({ ...clean, injected: 10, gone: 0 })
})

test.each(seeds(1))('Postgres without a free connection costs no review, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'Postgres: all connections taken for 3 s',
    seed,
    reviews: load,
    ownPostgres: [`max_connections=${maxConnections}`],
    faults: takeAllConnections,
  })

  expect(went).toMatchObject({ ...clean, injected: 5, gone: 0 })
})

test.each(seeds(1))(
  'connections to Postgres that fall silent without closing cost no review, seed %i',
  async (seed) => {
    let network: Network
    const went = await runCampaign({
      name: 'Postgres: all connections fall silent',
      seed,
      reviews: load,
      async surround({ closing, plumbline }) {
        network = await startNetwork(plumbline.env['DATABASE_URL'] ?? '')
        closing.push(() => network.close())
        return { DATABASE_URL: network.url }
      },
      deliver: (stage) => deliverAll(stage, 80_000 / load),
      async faults({ injected, note, pause }) {
        for (let silenced = 0; silenced < 3; silenced++) {
          await pause(1000, 3000)
          note('replaced after ms', await network.silence())
          injected()
        }
      },
    })

    expect(went).toMatchObject({ ...clean, injected: 3, gone: 0 })
  },
)

/** Of all of Plumbline's processes and the test itself there are at most 42. */
const maxConnections = 60

async function endSessionsOften(stage: Stage): Promise<void> {
  for (let ended = 0; ended < 50; ended++) {
    await stage.pause(100, 800)
    await endSessions(stage)
    stage.injected()
  }
}

function quarters(pulls: readonly PullRequest[]): [PullRequest[], PullRequest[], PullRequest[], PullRequest[]] {
  const cut = (from: number) => pulls.slice((from * pulls.length) / 4, ((from + 1) * pulls.length) / 4)
  return [cut(0), cut(1), cut(2), cut(3)]
}

/** All at once. Answers how many ms until each has its review. */
async function workOff(stage: Stage, pulls: readonly PullRequest[]): Promise<number> {
  const started = performance.now()
  await Promise.all(pulls.map((pull) => deliverOnce(stage, pull, 'opened')))
  while (look(stage.plumbline.github, pulls).lost > 0) await sleep(50)
  return performance.now() - started
}

async function endSessions({ plumbline }: Stage): Promise<void> {
  await plumbline.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  )
}

async function restartPostgres({ injected, pause, postgres, random }: Stage): Promise<void> {
  for (let restarted = 0; restarted < 10; restarted++) {
    await pause(1000, 4000)
    if (random.chance(0.5)) {
      await postgres?.kill9()
      await sleep(random.between(0, 2000))
    }
    await postgres?.restart()
    injected()
  }
}

/** Whoever was connected is thrown out first, and finds the door closed. */
async function takeAllConnections(stage: Stage): Promise<void> {
  const { injected, pause, postgres } = stage
  for (let taken = 0; taken < 5; taken++) {
    await pause(500, 1500)
    await endSessions(stage)
    const clients = Array.from(
      { length: maxConnections },
      () => new pg.Client({ connectionString: postgres?.url ?? '' }),
    )
    for (const client of clients) client.on('error', () => undefined)
    await Promise.allSettled(clients.map((client) => client.connect()))
    await sleep(3000)
    await Promise.allSettled(clients.map((client) => client.end()))
    injected()
  }
}
