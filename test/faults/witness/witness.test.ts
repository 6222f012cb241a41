// Can the campaigns see at all? Two naive ways to post, under the faults that Plumbline must survive, must post twice.
import { expect, test } from 'vitest'
import { load, runCampaign, seed, stalling, type Stage } from '../campaign.ts'
import { addToWrites } from '../github-faults.ts'
import { clean } from '../oracle.ts'

test('reviews posted at once are posted twice', async () => {
  const went = await runCampaign({
    name: 'witness: post at once',
    seed,
    reviews: load,
    env: witness('post-at-once'),
    prepare: beUnkind,
  })

  expect(went.doubled).toBeGreaterThan(0)
})

test('reviews posted after a look for the marker and at the lease are posted twice', async () => {
  const went = await runCampaign({
    name: 'witness: look for the marker, check the lease, post',
    seed,
    reviews: load,
    env: witness('marker-look-up'),
    prepare: beUnkind,
  })

  expect(went.doubled).toBeGreaterThan(0)
})

test('reviews posted in two phases are not', async () => {
  const went = await runCampaign({
    name: 'Plumbline, under the faults of the witnesses',
    seed,
    reviews: load,
    env: stalling(),
    prepare: beUnkind,
  })

  expect(went).toMatchObject({ ...clean, gone: 0 })
})

function witness(name: 'post-at-once' | 'marker-look-up'): Record<string, string> {
  return { ...stalling('./test/faults/witness/swap.ts'), WITNESS: name }
}

function beUnkind(stage: Stage): void {
  addToWrites(stage, { kind: 'commit-then-502' }, 0.1)
}
