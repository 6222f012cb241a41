// A kill at every named step, again and again: nothing is lost, nothing is doubled, and no finished step is paid twice.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { reviewFirstAddedLine } from '../../support/model/reviewer.ts'
import { load, runCampaign, seeds } from '../harness/campaign.ts'
import { clean } from '../harness/oracle.ts'
import { createRandom, type Random } from '../harness/random.ts'
import type { Stage } from '../harness/stage.ts'
import { leaveDrafts } from '../github-faults.ts'
import { failPoints, type FailPoint } from './points.ts'

/** So many die at each point; a worker's start is most of what that takes. */
const kills = Math.max(1, Math.round(load / 3))

const cases = failPoints.flatMap((point) => seeds(1).map((seed) => ({ name: point.name, point, seed })))

test.each(cases)('dying again and again where: $name (seed $seed)', async ({ point, seed }) => {
  const name = `dies where: ${point.name}`

  const went = await runCampaign({ name, seed, reviews: load, ...dyingAt(point, createRandom(seed)) })

  expect(went).toMatchObject({ ...clean, gone: 0 })
  expect(went.injected).toBeGreaterThan(0)
})

function dyingAt(point: FailPoint, random: Random) {
  const { firstTime = false, ...brings } = bringing[point.name] ?? {}
  /** Environment of a process that dies there, the first to third time it comes by. */
  const armed = (): Record<string, string> => ({
    NODE_OPTIONS: '--import=./test/faults/fail-points/arm.ts',
    FAIL_POINT: point.name,
    FAIL_AT: String(firstTime ? 1 : random.between(1, 3)),
  })
  if (point.entry === 'web') return { ...brings, faults: (stage: Stage) => killWebs(stage, armed) }
  let left = kills
  return { ...brings, env: () => ({ ...brings.env, ...(left-- > 0 ? armed() : {}) }) }
}

/** The armed one is the one that GitHub's webhook leads to, and that promotes what it has recorded. */
async function killWebs({ injected, startWeb, web }: Stage, armed: () => Record<string, string>): Promise<void> {
  await web.kill9()
  const until = performance.now() + 60_000 + 3000 * kills
  for (let killed = 0; killed < kills && performance.now() < until; killed++) {
    const one = await startWeb(armed())
    const went = await Promise.race([one.ended.then(() => 'died' as const), sleep(5000)])
    if (went === 'died') injected()
    else await one.kill9()
  }
  await startWeb()
}

interface Bringing {
  env?: Record<string, string>
  /** Dies already the first time it comes by: it comes by once. */
  firstTime?: boolean
  prepare?(stage: Stage): unknown
  faults?(stage: Stage): Promise<void>
}

/** What it takes to come by some of the points at all. */
const bringing: Record<string, Bringing> = {
  // Not where a worker finds out what the model can do.
  'change read, model not asked': { env: { FAIL_TEXT: 'export const rate' } },
  'model answered, span not stored': { env: { FAIL_TEXT: 'export const rate' } },
  'entry taken over, row not claimed': {
    async faults({ crew, pause }) {
      for (let killed = 0; killed < Math.max(5, kills / 2); killed++) {
        await pause(500, 1500)
        await crew.killOne()
      }
    },
  },
  // Five attempts may all meet one; what fails then is failed as it should be, and not lost.
  'error on the row, entry not postponed': {
    env: { MAX_ATTEMPTS: '20' },
    prepare({ plumbline, random }) {
      plumbline.model.play((request) => (random.chance(0.15) ? { kind: '500' } : reviewFirstAddedLine(request)))
    },
  },
  'foreign draft deleted, none of ours': { prepare: leaveDrafts },
  'row handed back, entry not': {
    env: { SHUTDOWN_GRACE_MS: '0' },
    firstTime: true,
    prepare({ plumbline }) {
      plumbline.model.play((request) => ({ kind: 'slow', ms: 1500, then: reviewFirstAddedLine(request) }))
    },
    async faults({ crew, injected, pause }) {
      for (let replaced = 0; replaced < kills; replaced++) {
        await pause(300, 900)
        // Killed by itself, or stopped before it had anything in its hands.
        if ((await crew.replaceOne()) === null) injected()
      }
    },
  },
}
