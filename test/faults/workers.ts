// What is done to workers: twenty die, or ten freeze, one after the other.
import { leaseMs, type Stage } from './campaign.ts'

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
