// One review or one installation spoils the day of nobody else.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { PullRequest } from '../support/github/world/pull-request.ts'
import { load, runCampaign, seeds } from './harness/campaign.ts'
import { deliverAll, deliverOnce, openPullRequests } from './harness/load.ts'
import { clean } from './harness/oracle.ts'
import type { Stage } from './harness/stage.ts'
import { watchRows } from './harness/watch.ts'

test.each(seeds(1))('a review that kills its worker is given up after three deaths, seed %i', async (seed) => {
  const poison = 'export const poison = true'
  const went = await runCampaign({
    name: 'a review that kills each worker, MAX_CRASHES=3',
    seed,
    reviews: load,
    env: {
      MAX_CRASHES: '3',
      NODE_OPTIONS: '--import=./test/faults/fail-points/arm.ts',
      FAIL_POINT: 'change read, model not asked',
      FAIL_AT: '1',
      FAIL_TEXT: poison,
    },
    async deliver(stage) {
      const [pull] = await openPullRequests(stage.plumbline, { count: 1, accounts: 1, from: load })
      await pull?.push({ 'src/poison.ts': `${poison}\n` })
      if (pull) await deliverOnce(stage, pull, 'opened')
      await deliverAll(stage)
    },
    measure: async ({ note, plumbline }) => {
      const rows = await plumbline.query<{ crashes: number; error: string }>(
        `select crashes, error from reviews where status = 'failed'`,
      )
      note('failed', rows.length)
      note('deaths of the failed one', rows[0]?.crashes ?? 0)
    },
  })

  expect(went).toMatchObject({ ...clean, injected: 3, gone: 0, measured: { failed: 1, 'deaths of the failed one': 3 } })
})

test.each(seeds(1))('an installation that floods makes the others wait for little, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'one installation floods, ten others send two each',
    seed,
    // Far more than the stream is given at once.
    reviews: 5 * load,
    prepare: watchRows,
    deliver: flood,
    measure: async (stage) => {
      await measureWait(stage, 'alone')
      await measureWait(stage, 'other')
      await measureWait(stage, 'flood')
    },
  })

  expect(went).toMatchObject({ ...clean, gone: 0 })
  expect(went.measured['other p95 wait ms']).toBeLessThan((went.measured['flood p95 wait ms'] ?? 0) / 2)
})

/** First one review of each of ten others alone, as a measure; then the flood, and two of each of the others in its midst. */
async function flood(stage: Stage): Promise<void> {
  const { injected, plumbline, pulls } = stage
  const others: PullRequest[] = []
  for (let account = 0; account < 10; account++) {
    const repository = await plumbline.github.createRepository({ owner: `other-${account}` })
    for (let number = 0; number < 3; number++)
      others.push(await repository.openPullRequest({ files: { 'src/a.ts': `export const a = ${number}\n` } }))
  }
  for (const pull of others.filter((one) => one.number === 1)) {
    await sleep(500)
    await deliverOnce(stage, pull, 'opened')
  }
  await untilNoneLives(stage)
  await plumbline.query(`alter table watched add column part text default 'alone'`)
  await plumbline.query(`alter table watched alter column part set default 'flood'`)
  await Promise.all(pulls.map((pull) => deliverOnce(stage, pull, 'opened')))
  for (const pull of others.filter((one) => one.number > 1)) {
    await deliverOnce(stage, pull, 'opened')
    injected()
  }
}

async function untilNoneLives({ plumbline }: Stage): Promise<void> {
  for (;;) {
    const { published = 0 } = await plumbline.countByStatus()
    if (published >= 10) return
    await sleep(100)
  }
}

/** From the row to its first claim. `other`: those that came in the flood and are not of it. */
async function measureWait({ note, plumbline, pulls }: Stage, part: 'alone' | 'other' | 'flood'): Promise<void> {
  const flooding = pulls[0]?.repository.installation?.id
  const [row] = await plumbline.query<{ p50: number; p95: number }>(
    `select percentile_cont(0.5) within group (order by ms) as p50, percentile_cont(0.95) within group (order by ms) as p95
     from (select 1000 * extract(epoch from min(at) filter (where status = 'running') - min(at))::float8 as ms
       from watched group by id
       having case when min(part) = 'alone' then 'alone' when min(installation_id) = $2 then 'flood' else 'other' end = $1) one`,
    [part, flooding],
  )
  note(`${part} p50 wait ms`, row?.p50 ?? 0)
  note(`${part} p95 wait ms`, row?.p95 ?? 0)
}
