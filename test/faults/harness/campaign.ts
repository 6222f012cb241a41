// A campaign: a load of pull requests, faults while it is worked off, and then the question what became of each.
//
// The seed decides the schedule: which worker, which request, how long between two faults. Which line of code a fault meets
// depends on the machine too, so a campaign that found something is repeated with its seed, more than once if need be.
import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres } from '../../support/servers/postgres.ts'
import { reviewFirstAddedLine } from '../../support/model/reviewer.ts'
import { Plumbline } from '../../support/plumbline.ts'
import { testDatabaseUrl } from '../../support/real.ts'
import { Crew } from './crew.ts'
import { deliverAll, openPullRequests } from './load.ts'
import { clean, furtherClaims, judge } from './oracle.ts'
import { createRandom } from './random.ts'
import { letDraftsBeSwept, untilAtRest, untilShown } from './rest.ts'
import { type Figures, findRow, keepRow } from './results.ts'
import type { Stage, Surroundings } from './stage.ts'

/** As `Plumbline` sets it for its workers. */
export const leaseMs = 1500

export const load = Number(process.env['FAULT_REVIEWS'] ?? '60')

/** The seed of FAULT_SEED alone, else so many, from 1. */
export function seeds(count: number): number[] {
  const given = process.env['FAULT_SEED']
  return given === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [Number(given)]
}

const settings = {
  LEASE_MS: String(leaseMs),
  // A campaign kills more often than any machine does, and GitHub's pace would make it last for an hour.
  MAX_CRASHES: '100',
  GITHUB_WRITES_PER_MINUTE: '1000000',
  GITHUB_WRITES_PER_HOUR: '1000000',
  WORKER_CONCURRENCY: '4',
  // The model's stand-in answers late on a busy machine; how patient we are with a model is tested elsewhere.
  OPENAI_TIMEOUT_MS: '20000',
  // Reading the code has faults of its own, and tests of its own: here it would only take time.
  MIRROR_MAX_BYTES: '0',
}

/** Environment of workers that stand still for three leases before one in five of their writes. */
export function stalling(seed: number, ...more: string[]): Record<string, string> {
  const loaded = ['./test/faults/stall.ts', ...more].map((path) => `--import=${path}`)
  const stall = { STALL_MS: String(3 * leaseMs), STALL_PROBABILITY: '0.2', STALL_SEED: String(seed) }
  return { ...stall, NODE_OPTIONS: loaded.join(' ') }
}

export interface Campaign {
  /** Without one its row is neither kept nor looked for. */
  name?: string
  seed: number
  reviews: number
  /** Environment of the workers, beyond what every campaign sets; a function is asked for each one. */
  env?: Record<string, string> | (() => Record<string, string>)
  /** A Postgres of its own, to restart: in place of one that all campaigns share. Settings as `name=value`. */
  ownPostgres?: readonly string[]
  /** Three by default. */
  workers?: number
  /** So many accounts, each with its own installation. One by default. */
  accounts?: number
  /** Before any process starts; answers environment for all of them. */
  surround?(surroundings: Surroundings): Promise<Record<string, string>>
  /** Before the first delivery. */
  prepare?(stage: Stage): unknown
  /** Beside the load; the campaign ends when both have ended. */
  faults?(stage: Stage): Promise<void>
  /** Instead of each delivery once. */
  deliver?(stage: Stage): Promise<void>
  /** When all is at rest. */
  measure?(stage: Stage): Promise<void>
}

/** Throws when it does not come to rest within two minutes after the last fault, and half a second for each review. */
export async function runCampaign(campaign: Campaign): Promise<Figures> {
  const { name } = campaign
  const known = name === undefined ? undefined : findRow({ ...campaign, name })
  if (known && isClean(known)) return known
  const postgres = campaign.ownPostgres && (await startPostgres(campaign.ownPostgres))
  const plumbline = await Plumbline.start(postgres?.url ?? (await testDatabaseUrl()))
  const surroundings: Surroundings = { plumbline, postgres, closing: [] }
  try {
    const started = performance.now()
    const stage = await setStage(campaign, surroundings)
    await perform(campaign, stage)
    const draftsAtRest = await letDraftsBeSwept(stage)
    await untilShown(stage)
    await campaign.measure?.(stage)
    const figures = {
      ...(await judge(plumbline, stage.pulls)),
      injected: stage.count + stage.crew.stalls + stage.crew.died,
      gone: stage.crew.gone,
      furtherClaims: await furtherClaims(plumbline),
      draftsAtRest,
      seconds: Math.round((performance.now() - started) / 1000),
      measured: stage.measured,
    }
    await stage.crew.dismiss()
    if (figures.lost > 0) process.stderr.write(`not published: ${JSON.stringify(await unpublished(plumbline))}\n`)
    if (name !== undefined) keepRow({ ...campaign, name }, figures)
    return figures
  } finally {
    await plumbline.close()
    await Promise.all(surroundings.closing.map((close) => close()))
    await postgres?.stop()
  }
}

/** Why a review was lost is not to be guessed from a number. */
function unpublished(plumbline: Plumbline): Promise<object[]> {
  return plumbline.query(
    `select id, status, attempts, crashes, error, reason, head_sha from reviews where status <> 'published' order by id`,
  )
}

/** One that doubled is run again: it is a witness, or has been mended meanwhile. */
function isClean(figures: Figures): boolean {
  return Object.entries(clean).every(([name, value]) => figures[name as keyof typeof clean] === value)
}

async function setStage(campaign: Campaign, surroundings: Surroundings): Promise<Stage> {
  const { env = {}, reviews, seed, workers = 3 } = campaign
  const { plumbline, postgres } = surroundings
  const random = createRandom(seed)
  plumbline.model.play((request) => ({ kind: 'slow', ms: 300, then: reviewFirstAddedLine(request) }))
  const around = (await campaign.surround?.(surroundings)) ?? {}
  const startWeb = (more: Record<string, string> = {}) => plumbline.web({ ...around, ...more })
  const web = await startWeb()
  const ofWorker = typeof env === 'function' ? env : () => env
  const ofNext = () => ({ ...settings, ...around, ...ofWorker() })
  const crew = await Crew.start({ plumbline, random, env: ofNext, size: workers })
  const pulls = await openPullRequests(plumbline, { count: reviews, accounts: campaign.accounts ?? 1 })
  return createStage({ plumbline, postgres, random, web, startWeb, crew, pulls })
}

function createStage(parts: Omit<Stage, 'count' | 'injected' | 'measured' | 'note' | 'pause'>): Stage {
  const measured: Record<string, number> = {}
  const stage: Stage = {
    ...parts,
    count: 0,
    measured,
    injected: () => void stage.count++,
    note: (name, value) => void (measured[name] = Math.max(measured[name] ?? 0, Math.round(value))),
    pause: (fromMs, toMs) => sleep(parts.random.between(fromMs, toMs)),
  }
  return stage
}

async function perform(campaign: Campaign, stage: Stage): Promise<void> {
  const { plumbline } = stage
  await campaign.prepare?.(stage)
  await Promise.all([campaign.deliver ? campaign.deliver(stage) : deliverAll(stage), campaign.faults?.(stage)])
  plumbline.github.faults.clear()
  plumbline.github.readLagMs = 0
  await untilAtRest(stage)
}
