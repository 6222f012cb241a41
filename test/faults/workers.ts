// What is done to processes, one after the other.
import { leaseMs, load } from './harness/campaign.ts'
import type { Stage } from './harness/stage.ts'

/** So many of each; more in a larger campaign, or its faults would be over long before its work is. */
export const counts = {
  killed: Math.max(20, Math.round(load / 10)),
  frozen: Math.max(10, Math.round(load / 33)),
  replaced: Math.max(10, Math.round(load / 20)),
  websKilled: Math.max(6, Math.round(load / 20)),
}

export async function killWorkers({ crew, injected, pause }: Stage): Promise<void> {
  for (let killed = 0; killed < counts.killed; killed++) {
    await pause(0, 600)
    await crew.killOne()
    injected()
  }
}

export async function freezeWorkers({ crew, injected, pause }: Stage): Promise<void> {
  for (let frozen = 0; frozen < counts.frozen; frozen++) {
    await pause(0, 300)
    await crew.pauseOne(2 * leaseMs)
    injected()
  }
}

/** Throws when one of them does not end as it should. */
export async function replaceWorkers({ crew, injected, pause }: Stage): Promise<void> {
  for (let replaced = 0; replaced < counts.replaced; replaced++) {
    await pause(0, 600)
    const code = await crew.replaceOne()
    if (code !== 0) throw new Error(`a worker ended with ${code} after SIGTERM`)
    injected()
  }
}

/** Deliveries that find nobody listening are sent again. */
export async function killWebs({ injected, pause, startWeb }: Stage): Promise<void> {
  for (let killed = 0; killed < counts.websKilled; killed++) {
    const web = await startWeb()
    await pause(300, 1500)
    await web.kill9()
    injected()
  }
  await startWeb()
}
