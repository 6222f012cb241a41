// The load: pull requests, and how GitHub tells of them.
import { randomUUID } from 'node:crypto'
import type { Plumbline } from '../../support/plumbline.ts'
import { deliver } from '../../support/github/hooks.ts'
import type { PullRequest } from '../../support/github/world/pull-request.ts'
import { lineOf } from './oracle.ts'
import type { Stage } from './stage.ts'

export interface Wanted {
  count: number
  accounts: number
  /** The number of the first one, for its line. */
  from?: number
}

export async function openPullRequests(plumbline: Plumbline, wanted: Wanted): Promise<PullRequest[]> {
  const { accounts, count, from = 0 } = wanted
  const pulls: PullRequest[] = []
  const perRepository = 10
  while (pulls.length < count) {
    const account = Math.floor(pulls.length / perRepository) % accounts
    const repository = await plumbline.github.createRepository(account === 0 ? {} : { owner: `account-${account}` })
    for (let number = 1; number <= perRepository && pulls.length < count; number++) {
      const files = { 'src/rate.ts': `${lineOf(from + pulls.length)}\n` }
      pulls.push(await repository.openPullRequest({ files }))
    }
  }
  return pulls
}

/** One after the other, with pauses, so that there is work while the faults happen. */
export async function deliverAll(stage: Stage, longestPauseMs = 400): Promise<void> {
  for (const pull of stage.pulls) {
    await deliverOnce(stage, pull, 'opened')
    await stage.pause(0, longestPauseMs)
  }
}

/** Until it was accepted, with the same GUID each time: what GitHub's Redeliver does. */
export async function deliverOnce({ pause, plumbline }: Stage, pull: PullRequest, action: string): Promise<void> {
  const { github } = plumbline
  const delivery = { event: 'pull_request', guid: randomUUID(), payload: github.payloadFor(pull, action) }
  // Not `hooks.send`: for GitHub's own record the first answer counts, and nobody is to be asked for it again.
  for (;;) {
    const { target } = github.hooks
    if (target && (await deliver(target, delivery)).status === 202) return
    await pause(100, 300)
  }
}
