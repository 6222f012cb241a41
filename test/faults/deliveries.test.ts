// Deliveries come three times, in any order, to two web processes; and pushes come while a review is being posted.
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { deliver } from '../support/github/hooks.ts'
import { deliverOnce, load, runCampaign, seed, type Stage } from './campaign.ts'
import { clean } from './oracle.ts'

test('every delivery three times, shuffled, to two web processes, is one review each', async () => {
  const went = await runCampaign({ name: 'each delivery three times, shuffled', seed, reviews: load, deliver: thrice })

  expect(went).toEqual({ ...clean, injected: 2 * load, gone: 0 })
})

test('a push while the review is being posted leaves only the review of the new head', async () => {
  const went = await runCampaign({ name: 'push during publishing', seed, reviews: load, prepare: pushWhilePosting })

  expect(went).toMatchObject({ ...clean, gone: 0 })
  expect(went.injected).toBe(load)
})

async function thrice({ injected, plumbline, pulls, random }: Stage): Promise<void> {
  const { github } = plumbline
  const first = github.hooks.target
  await plumbline.web()
  const targets = [first, github.hooks.target].filter((one) => one !== undefined)
  const deliveries = pulls.map((pull) => ({
    event: 'pull_request',
    guid: randomUUID(),
    payload: github.payloadFor(pull, 'opened'),
  }))
  const three = random.shuffled([...deliveries, ...deliveries, ...deliveries])
  const sent = three.map((delivery) => ({ delivery, target: random.pick(targets) }))
  // Ten at a time, as GitHub sends a burst too.
  while (sent.length > 0) await Promise.all(sent.splice(0, 10).map(({ delivery, target }) => deliver(target, delivery)))
  for (let again = 0; again < 2 * pulls.length; again++) injected()
}

/** At the first draft of each pull request. Of half the pushes no delivery arrives: the look before the submit must see them. */
function pushWhilePosting(stage: Stage): void {
  const { injected, plumbline, pulls, random } = stage
  const pushed = new Set<string>()
  plumbline.github.before({ method: 'POST', path: /\/pulls\/\d+\/reviews$/, times: Infinity }, async ({ url }) => {
    const pull = pulls.find((one) => url.pathname.endsWith(`/${one.repository.fullName}/pulls/${one.number}/reviews`))
    if (!pull || pushed.has(url.pathname)) return
    pushed.add(url.pathname)
    const tells = random.chance(0.5)
    await pull.push({ 'src/tax.ts': 'export const tax = 19\n' })
    injected()
    if (tells) await deliverOnce(stage, pull, 'synchronize')
  })
}
