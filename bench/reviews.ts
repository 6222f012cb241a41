// Whole reviews through whole processes: opened on the stand-in for GitHub, and waited for.
import type { PullRequest } from '../test/support/github/world/pull-request.ts'
import type { Plumbline } from '../test/support/plumbline.ts'

/** Patience with the model. What `Plumbline` sets already is no pace: that is GitHub's limit and not ours. */
export const unhurried = { OPENAI_TIMEOUT_MS: '60000' }

export interface Reviewed {
  pulls: PullRequest[]
  /** From the first delivery to the last published review. Making repositories is the stand-in's work and not counted. */
  seconds: number
}

/** So many more; answers when they are published, and throws when one failed. */
export async function review(plumbline: Plumbline, count: number): Promise<Reviewed> {
  const { published: before = 0 } = await plumbline.countByStatus()
  const pulls = await Promise.all(Array.from({ length: count }, () => plumbline.openPullRequest()))
  const started = performance.now()
  await Promise.all(pulls.map((pull) => plumbline.github.send(pull, 'opened')))
  for (;;) {
    const { failed = 0, published = 0 } = await plumbline.countByStatus()
    if (failed > 0) throw new Error(`${failed} reviews failed`)
    if (published === before + count) return { pulls, seconds: (performance.now() - started) / 1000 }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
