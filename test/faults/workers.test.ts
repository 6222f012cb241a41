// Workers die and freeze while they work.
import { expect, test } from 'vitest'
import { load, runCampaign, seed } from './campaign.ts'
import { addLateReviews } from './github-faults.ts'
import { clean } from './oracle.ts'
import { freezeWorkers, killWorkers } from './workers.ts'

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
