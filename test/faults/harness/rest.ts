// How a campaign comes to rest. What would happen in its own time (a sweep, a check run that is told again) is made due at once.
import { setTimeout as sleep } from 'node:timers/promises'
import { isAtRest, judge, knowsAllHeads, look } from './oracle.ts'
import type { Stage } from './stage.ts'

/** What was on its way to GitHub when its worker died has landed after so long: three leases. */
const landedMs = 4500

export async function untilAtRest({ crew, plumbline, pulls }: Stage): Promise<void> {
  const patienceMs = 120_000 + 500 * pulls.length
  const until = performance.now() + patienceMs
  while (performance.now() < until) {
    // Postgres may have thrown us out too.
    if (await isAtRest(plumbline, pulls).catch(() => false)) {
      if (await knowsAllHeads(plumbline, pulls).catch(() => false)) return
      // A push whose delivery failed: it is asked for again by the sweep, every other minute, or now.
      await sweepNow({ crew, plumbline })
      await sleep(5000)
    }
    await sleep(200)
  }
  const left = JSON.stringify([await plumbline.countByStatus(), await plumbline.queueDepth()])
  throw new Error(`not at rest ${patienceMs / 1000} s after the last fault: ${left}`)
}

/**
 * Answers how many drafts there were before. The sweep waits ten minutes after a review has ended, and comes every five; so
 * the ends are moved into the past, and a fresh worker sweeps when it starts.
 */
export async function letDraftsBeSwept({ crew, plumbline, pulls }: Stage): Promise<number> {
  await sleep(landedMs)
  const { drafts } = look(plumbline.github, pulls)
  if (drafts === 0) return 0
  await plumbline.query(`update reviews set finished_at = finished_at - interval '1 hour'`)
  // Each turn looks at twenty.
  for (let turns = 1 + pulls.length / 20; turns > 0 && look(plumbline.github, pulls).drafts > 0; turns--) {
    await sweepNow({ crew, plumbline })
    await until(10_000, () => look(plumbline.github, pulls).drafts === 0)
  }
  return drafts
}

/** A worker sweeps when it starts, if nobody else leads. */
export async function sweepNow({ crew, plumbline }: Pick<Stage, 'crew' | 'plumbline'>): Promise<void> {
  await plumbline.query('delete from leader')
  await crew.killOne()
}

/** Whoever shows check runs leases them for a minute, and comes back half a minute after a lost answer. */
export async function untilShown({ plumbline, pulls }: Stage): Promise<void> {
  await until(30_000, async () => {
    await plumbline.query(`update reviews set check_not_before = now() where check_due`)
    await sleep(1500)
    return (await judge(plumbline, pulls)).unshown === 0
  })
}

async function until(ms: number, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + ms
  while (performance.now() < end && !(await isSo())) await sleep(200)
}
