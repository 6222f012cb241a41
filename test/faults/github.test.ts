// GitHub loses answers, lags behind itself, and holds drafts that nobody expects.
import { expect, test } from 'vitest'
import { load, runCampaign, seed, type Stage } from './campaign.ts'
import { addToWrites } from './github-faults.ts'
import { clean } from './oracle.ts'

test('writes that are carried out but answered with 502, or not answered, are not repeated blindly', async () => {
  const went = await runCampaign({
    name: 'writes: 20 % committed, then 502; 10 % dropped',
    seed,
    reviews: load,
    prepare: loseAnswers,
  })

  expect(went).toMatchObject({ ...clean, gone: 0 })
  expect(went.injected).toBeGreaterThan(load / 2)
})

test('lists that lag behind, with answers lost, mislead nobody', async () => {
  const went = await runCampaign({
    name: 'lists lag 0-2 s, and answers are lost as above',
    seed,
    reviews: load,
    env: { READ_LAG_MS: '2500' },
    prepare: loseAnswers,
    faults: changeReadLag,
  })

  expect(went).toMatchObject({ ...clean, gone: 0 })
})

test('drafts of our own account that are in the way are cleared away', async () => {
  const went = await runCampaign({ name: 'foreign drafts of our bot', seed, reviews: load, prepare: leaveDrafts })

  expect(went).toEqual({ ...clean, injected: load, gone: 0 })
})

function loseAnswers(stage: Stage): void {
  addToWrites(stage, { kind: 'commit-then-502' }, 0.2)
  addToWrites(stage, { kind: 'commit-then-drop' }, 0.06)
  addToWrites(stage, { kind: 'drop' }, 0.06)
}

async function changeReadLag({ injected, pause, plumbline, random }: Stage): Promise<void> {
  for (let changed = 0; changed < 30; changed++) {
    plumbline.github.readLagMs = random.between(0, 2000)
    injected()
    await pause(200, 600)
  }
}

/** Half of them empty, half with a text that is no marker. */
function leaveDrafts({ injected, plumbline, pulls, random }: Stage): void {
  const { app, world } = plumbline.github
  for (const pull of pulls) {
    const body = random.chance(0.5) ? '' : 'A draft that somebody else began.'
    pull.reviews.add({ id: world.nextId(), author: app.bot, body, commitSha: pull.headSha, comments: [] })
    injected()
  }
}
