// GitHub loses answers, lags behind itself, asks to wait, refuses lines, and holds drafts that nobody expects.
import { expect, test } from 'vitest'
import { findingTitle } from '../support/model/reviewer.ts'
import { addToReads, addToWrites, leaveDrafts, loseAnswers } from './github-faults.ts'
import { load, runCampaign, seeds } from './harness/campaign.ts'
import { clean } from './harness/oracle.ts'
import type { Stage } from './harness/stage.ts'

test.each(seeds(3))('writes whose answers are lost are not repeated blindly, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'writes: 20 % committed, then 502; 12 % dropped',
    seed,
    reviews: load,
    prepare: loseAnswers,
  })

  expect(went).toMatchObject({ ...clean, gone: 0 })
  expect(went.injected).toBeGreaterThan(load / 2)
})

test.each(seeds(1))('lists that lag behind, with answers lost, mislead nobody, seed %i', async (seed) => {
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

test.each(seeds(1))('drafts of our own account that are in the way are cleared away, seed %i', async (seed) => {
  const went = await runCampaign({ name: 'foreign drafts of our bot', seed, reviews: load, prepare: leaveDrafts })

  expect(went).toMatchObject({ ...clean, injected: load, gone: 0 })
})

test.each(seeds(1))('a storm of secondary limits costs no attempt, and the pace is kept, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'secondary limits: 30 % of writes, 5 % of reads',
    seed,
    reviews: load,
    accounts: 6,
    env: { GITHUB_WRITES_PER_MINUTE: String(perMinute) },
    prepare: beLimited,
    measure: measurePace,
  })

  expect(went).toMatchObject({ ...clean, gone: 0, measured: { 'attempts spent': 0 } })
  expect(went.measured['most writes in a minute']).toBeLessThanOrEqual((perMinute * 80) / 60)
})

test.each(seeds(1))('a review of which GitHub refuses lines lands all the same, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'lines refused',
    seed,
    reviews: load,
    prepare: refuseLines,
    measure: measureInline,
  })

  expect(went).toMatchObject({ ...clean, gone: 0 })
  expect(went.measured['said nowhere']).toBe(0)
  expect(went.measured['said in the body']).toBeGreaterThan(0)
})

async function changeReadLag({ injected, pause, plumbline, random }: Stage): Promise<void> {
  for (let changed = 0; changed < 30; changed++) {
    plumbline.github.readLagMs = random.between(0, 2000)
    injected()
    await pause(200, 600)
  }
}

/** Half of what an operator's default is, so that a campaign of one minute meets it. */
const perMinute = 30

function beLimited(stage: Stage): void {
  addToWrites(stage, { kind: 'secondary-limit', retryAfter: 1 }, 0.3)
  addToReads(stage, { kind: 'secondary-limit', retryAfter: 1 }, 0.05)
}

/** Of one installation, in any minute: what GitHub counts as creating content. */
async function measurePace({ note, plumbline, pulls }: Stage): Promise<void> {
  const owners = new Set(pulls.map((pull) => pull.repository.owner.login))
  for (const owner of owners) {
    const writes = plumbline.github.requests
      .filter(({ method, path }) => ['POST', 'PATCH'].includes(method) && path.startsWith(`/repos/${owner}/`))
      .map(({ at }) => at)
    for (const from of writes)
      note('most writes in a minute', writes.filter((at) => at >= from && at < from + 60_000).length)
  }
  const [row] = await plumbline.query<{ attempts: number }>('select sum(attempts)::int as attempts from reviews')
  note('attempts spent', row?.attempts ?? -1)
}

/** Of one in five pull requests, the first time or the first two times. */
function refuseLines({ injected, plumbline, pulls, random }: Stage): void {
  for (const pull of pulls.filter(() => random.chance(0.2))) {
    const path = new RegExp(`^/repos/${pull.repository.fullName}/pulls/${pull.number}/reviews$`)
    const times = random.between(1, 2)
    plumbline.github.faults.add({ kind: 'line-refused', method: 'POST', path, times })
    for (let refused = 0; refused < times; refused++) injected()
  }
}

async function measureInline({ note, plumbline, pulls }: Stage): Promise<void> {
  const reviews = pulls.flatMap((pull) => plumbline.github.reviewsOf(pull))
  const inline = reviews.filter((review) => review.comments.some((comment) => comment.body.includes(findingTitle)))
  const inBody = reviews.filter((review) => review.body.includes(findingTitle))
  note('said inline', inline.length)
  note('said in the body', inBody.length)
  note('said nowhere', reviews.length - new Set([...inline, ...inBody]).size)
}
