// What is done to processes, one after the other: twenty workers die, ten freeze, ten are replaced; six web processes die.
import { leaseMs } from './harness/campaign.ts'
import type { Stage } from './harness/stage.ts'

export async function killWorkers({ crew, injected, pause }: Stage): Promise<void> {
  for (let killed = 0; killed < 20; killed++) {
    await pause(0, 600)
    await crew.killOne()
    injected()
  }
}

export async function freezeWorkers({ crew, injected, pause }: Stage): Promise<void> {
  for (let frozen = 0; frozen < 10; frozen++) {
    await pause(0, 300)
    await crew.pauseOne(2 * leaseMs)
    injected()
  }
}

/** Throws when one of them does not end as it should. */
export async function replaceWorkers({ crew, injected, pause }: Stage): Promise<void> {
  for (let replaced = 0; replaced < 10; replaced++) {
    await pause(0, 600)
    const code = await crew.replaceOne()
    if (code !== 0) throw new Error(`a worker ended with ${code} after SIGTERM`)
    injected()
  }
}

/** Deliveries that find nobody listening are sent again. */
export async function killWebs({ injected, pause, startWeb }: Stage): Promise<void> {
  for (let killed = 0; killed < 6; killed++) {
    const web = await startWeb()
    await pause(300, 1500)
    await web.kill9()
    injected()
  }
  await startWeb()
}
