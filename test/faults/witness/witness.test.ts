// Can the campaigns see at all? Two naive ways to post, under the faults that Plumbline must survive, must post twice.
import { expect, test } from 'vitest'
import { addToWrites } from '../github-faults.ts'
import { load, runCampaign, seeds, stalling } from '../harness/campaign.ts'
import { clean } from '../harness/oracle.ts'
import type { Stage } from '../harness/stage.ts'

test.each(seeds(1))('reviews posted at once are posted twice, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'witness: post at once',
    seed,
    reviews: load,
    env: witness('post-at-once', seed),
    prepare: beUnkind,
  })

  expect(went.doubled).toBeGreaterThan(0)
})

test.each(seeds(1))('reviews posted after a look for the marker are posted twice, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'witness: look for the marker, check the lease, post',
    seed,
    reviews: load,
    env: witness('marker-look-up', seed),
    prepare: beUnkind,
  })

  expect(went.doubled).toBeGreaterThan(0)
})

test.each(seeds(3))('reviews posted in two phases are not, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'Plumbline, under the faults of the witnesses',
    seed,
    reviews: load,
    env: stalling(seed),
    prepare: beUnkind,
  })

  expect(went).toMatchObject({ ...clean, gone: 0 })
})

function witness(name: 'post-at-once' | 'marker-look-up', seed: number): Record<string, string> {
  return { ...stalling(seed, './test/faults/witness/swap.ts'), WITNESS: name }
}

function beUnkind(stage: Stage): void {
  addToWrites(stage, { kind: 'commit-then-502' }, 0.1)
}
