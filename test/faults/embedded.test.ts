// The embedded default, `node src/start.ts` with PGlite and the queue inside: killed and started again on the same folder.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openPglite } from '../../src/store/embedded/pglite.ts'
import { type GitHubStandIn, startGitHub } from '../support/github/github.ts'
import { deliver } from '../support/github/hooks.ts'
import type { PullRequest } from '../support/github/world/pull-request.ts'
import { askedAboutChanges } from '../support/model/about-changes.ts'
import { type ModelStandIn, startModel } from '../support/model/model.ts'
import { reviewFirstAddedLine } from '../support/model/reviewer.ts'
import { type PlumblineProcess, startProcess } from '../support/processes.ts'
import { load, seeds } from './harness/campaign.ts'
import { lineOf, look } from './harness/oracle.ts'
import { createRandom, type Random } from './harness/random.ts'
import { findRow, keepRow } from './harness/results.ts'

/** A start takes seconds here. */
const kills = 8

test.each(seeds(1))('killed again and again on the same folder, it loses nothing, seed %i', async (seed) => {
  const went = await runEmbedded({ name: `embedded: kill -9, ${kills} times`, seed, reviews: Math.ceil(load / 2) })

  expect(went).toMatchObject({
    lost: 0,
    doubled: 0,
    stale: 0,
    drafts: 0,
    live: 0,
    unshown: 0,
    violations: 0,
    paidTwice: 0,
  })
  expect(went.injected).toBe(kills)
})

test('a review that kills its process is given up after three deaths, and the others are published', async () => {
  const [github, model] = await Promise.all([startGitHub(), startModel()])
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-embedded-poison-'))
  const house = { github, model, folder, random: createRandom(1) }
  model.play(reviewFirstAddedLine)
  const repository = await github.createRepository()
  const poison = await repository.openPullRequest({ files: { 'src/poison.ts': 'export const poison = true\n' } })
  const other = await repository.openPullRequest({ files: { 'src/rate.ts': `${lineOf(1)}\n` } })
  const deadly = {
    MAX_CRASHES: '3',
    NODE_OPTIONS: '--import=./test/faults/fail-points/arm.ts',
    FAIL_POINT: 'change read, model not asked',
    FAIL_AT: '1',
    FAIL_TEXT: 'export const poison',
  }

  const first = await start(house, deadly)
  const delivering = deliverEach(house, [poison, other])
  await first.ended
  for (let died = 1; died < 3; died++) {
    const next = await start(house, deadly)
    await next.ended
  }
  const last = await start(house, deadly)
  await delivering
  await untilQuiet(house, [other])
  await last.stop()

  const db = await openPglite(folder)
  const rows = await db.query('select status, crashes from reviews order by id')
  await db.close()
  await Promise.all([github.close(), model.close()])
  rmSync(folder, { recursive: true, force: true })
  expect(rows).toEqual([
    { status: 'failed', crashes: 3 },
    { status: 'published', crashes: expect.any(Number) },
  ])
  expect(look(github, [other])).toMatchObject({ lost: 0, doubled: 0 })
})

interface House {
  github: GitHubStandIn
  model: ModelStandIn
  folder: string
  random: Random
}

async function runEmbedded(run: { name: string; seed: number; reviews: number }) {
  const known = findRow(run)
  if (known && known.lost + known.doubled === 0) return known
  const [github, model] = await Promise.all([startGitHub(), startModel()])
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-embedded-faults-'))
  try {
    const started = performance.now()
    const pulls = await openPulls(github, run.reviews)
    model.play((request) => ({ kind: 'slow', ms: 300, then: reviewFirstAddedLine(request) }))
    const house = { github, model, folder, random: createRandom(run.seed) }
    const last = await killOften(house, pulls)
    await untilQuiet(house, pulls)
    await last.stop()
    const figures = { ...(await tally(house, pulls)), injected: kills, gone: 0, measured: {} }
    keepRow(run, { ...figures, seconds: Math.round((performance.now() - started) / 1000) })
    return figures
  } finally {
    await Promise.all([github.close(), model.close()])
    rmSync(folder, { recursive: true, force: true })
  }
}

async function openPulls(github: GitHubStandIn, count: number): Promise<PullRequest[]> {
  const repository = await github.createRepository()
  const pulls: PullRequest[] = []
  for (let index = 0; index < count; index++)
    pulls.push(await repository.openPullRequest({ files: { 'src/rate.ts': `${lineOf(index)}\n` } }))
  return pulls
}

/** Answers the process that lives on. */
async function killOften(house: House, pulls: readonly PullRequest[]): Promise<PlumblineProcess> {
  const delivering = deliverEach(house, pulls)
  let current = await start(house)
  for (let killed = 0; killed < kills; killed++) {
    await sleep(house.random.between(500, 3000))
    await current.kill9()
    current = await start(house)
  }
  await delivering
  return current
}

async function start({ folder, github, model }: House, more: Record<string, string> = {}): Promise<PlumblineProcess> {
  const started = startProcess('src/start.ts', {
    APP_ID: String(github.app.id),
    PRIVATE_KEY: github.app.privateKey,
    WEBHOOK_SECRET: github.app.webhookSecret,
    GITHUB_API_URL: github.url,
    GITHUB_SERVER_URL: github.url,
    GITHUB_WRITES_PER_MINUTE: '1000000',
    GITHUB_WRITES_PER_HOUR: '1000000',
    OPENAI_BASE_URL: model.url,
    OPENAI_API_KEY: 'sk-test-key-of-the-stand-in',
    OPENAI_MODEL: 'stand-in',
    DATA_DIR: folder,
    READ_LAG_MS: '300',
    LEASE_MS: '1500',
    MAX_CRASHES: '100',
    MIRROR_MAX_BYTES: '0',
    PORT: '0',
    ...more,
  })
  const url = (await started.line(/^Look at /)).replace('Look at ', '').replace(/\/$/, '')
  github.hooks.target = { url: `${url}/api/github/webhooks`, secret: github.app.webhookSecret }
  return started
}

/** Spread over the kills; until accepted, with the same GUID. */
async function deliverEach({ github, random }: House, pulls: readonly PullRequest[]): Promise<void> {
  for (const pull of pulls) {
    const delivery = { event: 'pull_request', guid: randomUUID(), payload: github.payloadFor(pull, 'opened') }
    for (;;) {
      const { target } = github.hooks
      if (target && (await deliver(target, delivery)).status === 202) break
      await sleep(200)
    }
    await sleep(random.between(0, 1200))
  }
}

/** Nobody but this process can look into its database, so GitHub is asked; check runs come last. */
async function untilQuiet({ github }: House, pulls: readonly PullRequest[]): Promise<void> {
  const until = performance.now() + 120_000
  while (performance.now() < until) {
    const { lost, unshown } = look(github, pulls)
    if (lost === 0 && unshown === 0) break
    await sleep(300)
  }
  // For whatever would be posted twice.
  await sleep(4500)
}

/** Of GitHub, and of the folder once the process has let go of it. */
async function tally({ folder, github, model }: House, pulls: readonly PullRequest[]) {
  const seen = look(github, pulls)
  const db = await openPglite(folder)
  try {
    const [rows] = await db.query<{ live: number; claims: number; unfinished: number }>(
      `select (select count(*)::int from reviews where status in ('queued', 'running', 'retrying')) as live,
         (select coalesce(sum(epoch - 1), 0)::int from reviews where status = 'published') as claims,
         (select count(*)::int from spans where key like 'model:%' and status <> 'finished') as unfinished`,
    )
    const { claims = 0, live = -1, unfinished = 0 } = rows ?? {}
    const prompts = askedAboutChanges(model).map((one) => JSON.stringify(one.messages))
    const again = prompts.length - new Set(prompts).size
    const paidTwice = Math.max(0, again - unfinished)
    return { ...seen, live, furtherClaims: claims, paidTwice, unacknowledged: 0, draftsAtRest: seen.drafts }
  } finally {
    await db.close()
  }
}
