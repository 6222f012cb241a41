// Deliveries come three times, in any order, to two web processes, or to nobody; and pushes come in between.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { deliver } from '../support/github/hooks.ts'
import { load, runCampaign, seeds } from './harness/campaign.ts'
import { deliverOnce } from './harness/load.ts'
import { clean, countKnown } from './harness/oracle.ts'
import { sweepNow } from './harness/rest.ts'
import type { Stage } from './harness/stage.ts'

test.each(seeds(3))('each delivery three times, shuffled, to two webs, is one review, seed %i', async (seed) => {
  const went = await runCampaign({ name: 'each delivery three times, shuffled', seed, reviews: load, deliver: thrice })

  expect(went).toMatchObject({ ...clean, injected: 2 * load, gone: 0 })
})

test.each(seeds(3))(
  'twenty pushes to each pull request, shuffled, are one review of the last, seed %i',
  async (seed) => {
    const reviews = Math.ceil(load / 3)
    const went = await runCampaign({
      name: 'twenty pushes to each pull request, shuffled',
      seed,
      reviews,
      deliver: pushTwentyTimes,
    })

    expect(went).toMatchObject({ ...clean, injected: 20 * reviews, gone: 0 })
  },
)

test.each(seeds(3))('a push while the review is posted leaves only that of the new head, seed %i', async (seed) => {
  const went = await runCampaign({ name: 'push during publishing', seed, reviews: load, prepare: pushWhilePosting })

  expect(went).toMatchObject({ ...clean, injected: load, gone: 0 })
})

test.each(seeds(1))('deliveries that found nobody listening are asked for again, once each, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'no web process for any delivery',
    seed,
    reviews: load,
    deliver: deliverToNobody,
    measure: measureRedeliveries,
  })

  expect(went).toMatchObject({ ...clean, injected: load, gone: 0, measured: { 'most redeliveries of one': 1 } })
})

test.each(seeds(1))('deliveries while Postgres is down are refused, and asked for again, seed %i', async (seed) => {
  const went = await runCampaign({
    name: 'Postgres down for any delivery',
    seed,
    reviews: load,
    ownPostgres: [],
    deliver: deliverWithoutPostgres,
    measure: measureRedeliveries,
  })

  expect(went).toMatchObject({ ...clean, injected: load, gone: 0 })
})

test.each(seeds(1))('pull requests of which no delivery was ever made are found, seed %i', async (seed) => {
  const went = await runCampaign({ name: 'no delivery was ever made', seed, reviews: load, deliver: neverDeliver })

  expect(went).toMatchObject({ ...clean, injected: load, gone: 0 })
})

async function thrice({ injected, plumbline, pulls, random, startWeb }: Stage): Promise<void> {
  const { github } = plumbline
  const first = github.hooks.target
  await startWeb()
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

/** All pushes are made before the first delivery of one: what is reviewed in between would be a true review of that head. */
async function pushTwentyTimes({ injected, plumbline, pulls, random }: Stage): Promise<void> {
  const { github } = plumbline
  const deliveries: { event: string; payload: object }[] = []
  for (const pull of pulls) {
    for (let pushed = 1; pushed <= 20; pushed++) {
      await pull.push({ 'src/tax.ts': `export const tax = ${pushed}\n` })
      deliveries.push({ event: 'pull_request', payload: github.payloadFor(pull, 'synchronize') })
      injected()
    }
  }
  const shuffled = random.shuffled(deliveries)
  // In five seconds, whatever their number.
  const atOnce = Math.ceil(shuffled.length / 50)
  while (shuffled.length > 0) {
    await Promise.all([...shuffled.splice(0, atOnce).map((one) => deliverTo(github.hooks.target, one)), sleep(100)])
  }
}

function deliverTo(target: Parameters<typeof deliver>[0] | undefined, delivery: Parameters<typeof deliver>[1]) {
  if (!target) throw new Error('no web process')
  return deliver(target, delivery)
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

async function deliverToNobody(stage: Stage): Promise<void> {
  await stage.web.kill9()
  await failAll(stage, 502)
  await stage.startWeb()
  await untilAllKnown(stage)
}

async function deliverWithoutPostgres(stage: Stage): Promise<void> {
  await stage.postgres?.kill9()
  await failAll(stage, 503)
  await stage.postgres?.restart()
  await untilAllKnown(stage)
}

/** Some minutes ago: nobody waits for their deliveries any more. */
async function neverDeliver(stage: Stage): Promise<void> {
  for (const pull of stage.pulls) {
    pull.updatedAt = new Date(Date.now() - 300_000)
    stage.injected()
  }
  await untilAllKnown(stage)
}

/** As GitHub does it, once; it keeps what became of it. */
async function failAll({ injected, plumbline, pulls }: Stage, status: number): Promise<void> {
  for (const pull of pulls) {
    const delivered = await plumbline.github.send(pull, 'opened')
    if (delivered.status !== status) throw new Error(`a delivery was answered with ${delivered.status}, not ${status}`)
    injected()
  }
}

/** A sweep asks for a hundred at most. */
async function untilAllKnown({ crew, plumbline, pulls }: Stage): Promise<void> {
  for (let sweeps = 0; sweeps <= pulls.length / 100 + 3; sweeps++) {
    await sweepNow({ crew, plumbline })
    await sleep(3000)
    if ((await countKnown(plumbline)) >= pulls.length) return
  }
}

async function measureRedeliveries({ note, plumbline }: Stage): Promise<void> {
  const { records } = plumbline.github.hooks
  const again = records.filter((record) => record.redelivery)
  note('most redeliveries of one', 0)
  for (const [, of] of Map.groupBy(again, (record) => record.delivery.guid)) note('most redeliveries of one', of.length)
}
