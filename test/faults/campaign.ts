// A campaign: a load of pull requests, faults while it is worked off, and then the question what became of each.
//
// The seed decides the schedule: which worker, which request, how long between two faults. Which line of code a fault meets
// depends on the machine too, so a campaign that found something is repeated with its seed, more than once if need be.
import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { deliver } from '../support/github/hooks.ts'
import type { PullRequest } from '../support/github/world/pull-request.ts'
import { reviewFirstAddedLine } from '../support/model/reviewer.ts'
import { Plumbline } from '../support/plumbline.ts'
import { testDatabaseUrl } from '../support/real.ts'
import { Crew } from './crew.ts'
import { createRandom, type Random } from './random.ts'
import { furtherClaims, isAtRest, judge, type Tally } from './oracle.ts'

/** As `Plumbline` sets it for its workers. */
export const leaseMs = 1500

export const seed = Number(process.env['FAULT_SEED'] ?? '1')
export const load = Number(process.env['FAULT_REVIEWS'] ?? '60')
const resultsFile = '.cache/faults.md'

const settings = {
  LEASE_MS: String(leaseMs),
  // A campaign kills more often than any machine does, and GitHub's pace would make it last for an hour.
  MAX_CRASHES: '100',
  GITHUB_WRITES_PER_MINUTE: '1000000',
  GITHUB_WRITES_PER_HOUR: '1000000',
  WORKER_CONCURRENCY: '4',
}

/** Environment of workers that stand still for three leases before one in five of their writes. */
export function stalling(...more: string[]): Record<string, string> {
  const loaded = ['./test/faults/stall.ts', ...more].map((path) => `--import=${path}`)
  const stall = { STALL_MS: String(3 * leaseMs), STALL_PROBABILITY: '0.2', STALL_SEED: String(seed) }
  return { ...stall, NODE_OPTIONS: loaded.join(' ') }
}

export interface Stage {
  readonly plumbline: Plumbline
  readonly crew: Crew
  readonly random: Random
  readonly pulls: readonly PullRequest[]
  /** To be called for each fault; stalls are counted by themselves. */
  injected(): void
  pause(fromMs: number, toMs: number): Promise<void>
}

export interface Campaign {
  name: string
  seed: number
  reviews: number
  /** Environment of the workers, beyond what every campaign sets. */
  env?: Record<string, string>
  /** Before the first delivery. */
  prepare?(stage: Stage): void | Promise<void>
  /** Beside the load; the campaign ends when both have ended. */
  faults?(stage: Stage): Promise<void>
  /** Instead of each delivery once. */
  deliver?(stage: Stage): Promise<void>
}

export interface Campaigned extends Tally {
  injected: number
  /** Workers that ended without being killed. */
  gone: number
}

/** Throws when it does not come to rest within two minutes after the last fault. */
export async function runCampaign(campaign: Campaign): Promise<Campaigned> {
  const { env = {}, reviews } = campaign
  const random = createRandom(campaign.seed)
  const plumbline = await Plumbline.start(await testDatabaseUrl())
  try {
    const started = performance.now()
    plumbline.model.play((request) => ({ kind: 'slow', ms: 300, then: reviewFirstAddedLine(request) }))
    await plumbline.web()
    const crew = await Crew.start(plumbline, random, { ...settings, ...env })
    const pulls = await openPullRequests(plumbline, reviews)
    let count = 0
    const pause = (fromMs: number, toMs: number): Promise<void> => sleep(random.between(fromMs, toMs))
    const stage: Stage = { plumbline, crew, random, pulls, injected: () => void count++, pause }

    await campaign.prepare?.(stage)
    await Promise.all([campaign.deliver ? campaign.deliver(stage) : deliverAll(stage), campaign.faults?.(stage)])
    plumbline.github.faults.clear()
    plumbline.github.readLagMs = 0
    await untilAtRest(plumbline, pulls)
    const drafts = await letDraftsBeSwept(plumbline, crew, pulls)

    const tally = await judge(plumbline, pulls)
    const { gone } = crew
    count += crew.stalls
    crew.dismiss()
    const seconds = Math.round((performance.now() - started) / 1000)
    record(campaign, [count, await furtherClaims(plumbline), tally.lost, tally.doubled, drafts, seconds])
    return { ...tally, injected: count, gone }
  } finally {
    await plumbline.close()
  }
}

async function openPullRequests(plumbline: Plumbline, count: number): Promise<PullRequest[]> {
  const pulls: PullRequest[] = []
  const perRepository = 10
  while (pulls.length < count) {
    const repository = await plumbline.github.createRepository()
    for (let number = 1; number <= perRepository && pulls.length < count; number++)
      pulls.push(await repository.openPullRequest({ files: { 'src/rate.ts': `export const rate = ${number}\n` } }))
  }
  return pulls
}

/** One after the other, with pauses, so that there is work while the faults happen. */
async function deliverAll(stage: Stage): Promise<void> {
  for (const pull of stage.pulls) {
    await deliverOnce(stage, pull, 'opened')
    await stage.pause(0, 400)
  }
}

/** Until it was accepted, with the same GUID each time: what GitHub's Redeliver does. */
export async function deliverOnce({ plumbline, pause }: Stage, pull: PullRequest, action: string): Promise<void> {
  const { github } = plumbline
  const delivery = { event: 'pull_request', guid: randomUUID(), payload: github.payloadFor(pull, action) }
  // Not `hooks.send`: for GitHub's own record the first answer counts, and nobody is to be asked for it again.
  for (;;) {
    const { target } = github.hooks
    if (target && (await deliver(target, delivery)).status === 202) return
    await pause(100, 300)
  }
}

async function untilAtRest(plumbline: Plumbline, pulls: readonly PullRequest[]): Promise<void> {
  const until = performance.now() + 120_000
  while (performance.now() < until) {
    if (await isAtRest(plumbline, pulls)) return
    await sleep(200)
  }
  const left = JSON.stringify([await plumbline.countByStatus(), await plumbline.queueDepth()])
  throw new Error(`not at rest two minutes after the last fault: ${left}`)
}

/**
 * Answers how many drafts there were before. The sweep waits ten minutes after a review has ended, and comes every five; so
 * the ends are moved into the past, and a fresh worker sweeps when it starts.
 */
async function letDraftsBeSwept(plumbline: Plumbline, crew: Crew, pulls: readonly PullRequest[]): Promise<number> {
  // What is on its way to GitHub lands before anything is counted.
  await sleep(3 * leaseMs)
  const { drafts } = await judge(plumbline, pulls)
  if (drafts === 0) return 0
  await plumbline.query(`update reviews set finished_at = finished_at - interval '1 hour'`)
  await plumbline.query('update leader set until = now(), ran_at = null')
  await crew.killOne()
  const until = performance.now() + 20_000
  while (performance.now() < until && (await judge(plumbline, pulls)).drafts > 0) await sleep(200)
  return drafts
}

/** One row of the table in `docs/reliability.md`. */
function record(campaign: Campaign, figures: number[]): void {
  mkdirSync('.cache', { recursive: true })
  const row = [campaign.name, campaign.seed, campaign.reviews, ...figures]
  appendFileSync(resultsFile, `| ${row.join(' | ')} |\n`)
}
