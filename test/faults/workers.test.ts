// Processes die, freeze and are replaced while they work.
import { expect, test } from 'vitest'
import { addLateReviews } from './github-faults.ts'
import { load, runCampaign, seeds } from './harness/campaign.ts'
import { createRandom } from './harness/random.ts'
import { askedAboutChanges } from '../support/model/about-changes.ts'
import { isProbe, reviewFirstAddedLine } from '../support/model/reviewer.ts'
import { clean } from './harness/oracle.ts'
import type { Stage } from './harness/stage.ts'
import { watchRows } from './harness/watch.ts'
import { counts, freezeWorkers, killWebs, killWorkers, replaceWorkers } from './workers.ts'

test.each(seeds(3))('workers killed at random lose nothing and double nothing, seed %i', async (seed) => {
  const went = await runCampaign({ name: 'kill -9 of workers', seed, reviews: load, faults: killWorkers })

  expect(went).toMatchObject({ ...clean, injected: counts.killed, gone: 0 })
})

test.each(seeds(1))('workers killed while their reviews land late double nothing, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'kill -9, and reviews that land three leases late',
    seed,
    reviews: load,
    prepare: (stage) => addLateReviews(stage, 0.3),
    faults: killWorkers,
  })

  expect(went).toMatchObject({ ...clean, gone: 0 })
})

test.each(seeds(3))('workers frozen for two leases lose nothing and double nothing, seed %i', async (seed) => {
  const went = await runCampaign({ name: 'SIGSTOP for two leases', seed, reviews: load, faults: freezeWorkers })

  expect(went).toMatchObject({ ...clean, injected: counts.frozen, gone: 0 })
})

test.each(seeds(1))(
  'reviews that take a tenth of a lease to twenty leases are each run once, seed %i',
  async (seed) => {
    const random = createRandom(seed)
    const went = await runCampaign({
      name: 'reviews that last 0.1 to 20 leases',
      seed,
      reviews: load,
      // The heartbeat of a busy machine comes late; how long a lease is does not matter here, only how many of them.
      env: { LEASE_MS: String(longestMs / 20), OPENAI_TIMEOUT_MS: String(2 * longestMs) },
      prepare: ({ plumbline }) =>
        plumbline.model.play((request) => {
          // Half to find, half to verify. Whether a model calls tools is asked once, and answered at once.
          if (isProbe(request)) return reviewFirstAddedLine(request)
          const ms = (longestMs / 2) * 200 ** -random.next()
          return { kind: 'slow', ms, then: reviewFirstAddedLine(request) }
        }),
      measure: async ({ note, plumbline }) => note('model requests', askedAboutChanges(plumbline.model).length),
    })

    // One answer to find, one to verify.
    expect(went).toMatchObject({ ...clean, gone: 0, measured: { 'model requests': 2 * load } })
  },
)

test.each(seeds(1))('workers replaced as at a deployment lose nothing and double nothing, seed %i', async (seed) => {
  const went = await runCampaign({ name: 'SIGTERM, rolling', seed, reviews: load, faults: replaceWorkers })

  expect(went).toMatchObject({ ...clean, injected: counts.replaced, gone: 0 })
})

test.each(seeds(1))('reviews that outlast the grace of SIGTERM are handed over, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'SIGTERM, rolling, while reviews outlast the grace',
    seed,
    reviews: load,
    env: { SHUTDOWN_GRACE_MS: '200' },
    prepare: async (stage) => {
      stage.plumbline.model.play((request) => ({ kind: 'slow', ms: 1500, then: reviewFirstAddedLine(request) }))
      await watchRows(stage)
    },
    faults: replaceWorkers,
    measure: measureHandOver,
  })

  expect(went).toMatchObject({ ...clean, injected: counts.replaced, gone: 0 })
  expect(went.measured['handed back']).toBeGreaterThan(0)
  // A busy worker looks for what was handed back twice a second; the slowest one also waited for a free slot.
  expect(went.measured['half of the hand-overs within ms']).toBeLessThanOrEqual(2000)
})

test.each(seeds(1))(
  'web processes killed while deliveries arrive lose none that was accepted, seed %i',
  async (seed) => {
    const went = await runCampaign({ name: 'kill -9 of web processes', seed, reviews: load, faults: killWebs })

    expect(went).toMatchObject({ ...clean, injected: counts.websKilled, gone: 0 })
  },
)

const longestMs = 80_000

/** From a row's hand-back to its next claim, while another worker had a free slot or not. */
async function measureHandOver({ note, plumbline }: Stage): Promise<void> {
  const [row] = await plumbline.query<{ count: number; median: number; slowest: number }>(
    `select count(*)::int as count, percentile_cont(0.5) within group (order by ms) as median, max(ms) as slowest from (
       select status, 1000 * extract(epoch from lead(at) over (partition by id order by nr) - at)::float8 as ms,
         lag(status) over (partition by id order by nr) as former
       from watched) one
     where former = 'running' and status = 'queued'`,
  )
  note('handed back', row?.count ?? 0)
  note('half of the hand-overs within ms', row?.median ?? 0)
  note('slowest hand-over ms', row?.slowest ?? 0)
}
