// Processes die, freeze and are replaced while they work.
import { expect, test } from 'vitest'
import { load, runCampaign, seed } from './campaign.ts'
import { addLateReviews } from './github-faults.ts'
import { clean } from './oracle.ts'
import { freezeWorkers, killWebs, killWorkers, replaceWorkers } from './workers.ts'

test('workers killed at random lose nothing and double nothing', async () => {
  const went = await runCampaign({ name: 'kill -9 of workers', seed, reviews: load, faults: killWorkers })

  expect(went).toEqual({ ...clean, injected: 20, gone: 0 })
})

test('workers killed while their reviews land late double nothing', async () => {
  const went = await runCampaign({
    name: 'kill -9, and reviews that land three leases late',
    seed,
    reviews: load,
    prepare: (stage) => addLateReviews(stage, 0.3),
    faults: killWorkers,
  })

  expect(went).toMatchObject({ ...clean, gone: 0 })
})

test('workers frozen for two leases lose nothing and double nothing', async () => {
  const went = await runCampaign({ name: 'SIGSTOP for two leases', seed, reviews: load, faults: freezeWorkers })

  expect(went).toEqual({ ...clean, injected: 10, gone: 0 })
})

test('workers replaced one after the other, as at a deployment, lose nothing and double nothing', async () => {
  const went = await runCampaign({ name: 'SIGTERM, rolling', seed, reviews: load, faults: replaceWorkers })

  expect(went).toEqual({ ...clean, injected: 10, gone: 0 })
})

test('web processes killed while deliveries arrive lose none that was accepted, and double none', async () => {
  const went = await runCampaign({ name: 'kill -9 of web processes', seed, reviews: load, faults: killWebs })

  expect(went).toEqual({ ...clean, injected: 6, gone: 0 })
})
