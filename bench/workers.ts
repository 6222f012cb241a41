// `node bench/workers.ts`: how long one, two and three workers take for a burst of reviews with a model that takes a second.
// Whole processes on real Redis and Postgres, in one run, on one machine; what counts is the ratio.
import { parseArgs } from 'node:util'
import { reviewFirstAddedLine } from '../test/support/model/reviewer.ts'
import { Plumbline } from '../test/support/plumbline.ts'
import { startPostgres } from '../test/support/servers/postgres.ts'

const { values } = parseArgs({
  options: { reviews: { type: 'string', default: '30' }, 'model-ms': { type: 'string', default: '1000' } },
})
const [reviews, modelMs] = [Number(values.reviews), Number(values['model-ms'])]

/** One slot each, so that what is compared is workers; and no pace, which is GitHub's limit and not ours. */
const settings = { WORKER_CONCURRENCY: '1', GITHUB_WRITES_PER_MINUTE: '100000', GITHUB_WRITES_PER_HOUR: '1000000' }

const seconds = new Map<number, number>()
for (const workers of [1, 2, 3]) {
  const taken = await burst(workers)
  seconds.set(workers, taken)
  const ratio = (seconds.get(1) ?? taken) / taken
  console.log(`${workers} workers: ${reviews} reviews in ${taken.toFixed(1)} s, ${ratio.toFixed(2)} x one worker`)
}

/** Seconds from the first delivery to the last published review. Throws when one was posted twice. */
async function burst(workers: number): Promise<number> {
  const postgres = await startPostgres()
  const plumbline = await Plumbline.start(postgres.url)
  try {
    plumbline.model.play((request) => ({ kind: 'slow', ms: modelMs, then: reviewFirstAddedLine(request) }))
    await plumbline.web()
    await Promise.all(Array.from({ length: workers }, () => plumbline.worker(settings)))
    const pulls = await Promise.all(Array.from({ length: reviews }, () => plumbline.openPullRequest()))
    const started = performance.now()
    await Promise.all(pulls.map((pull) => plumbline.github.send(pull, 'opened')))
    while ((await plumbline.countByStatus())['published'] !== reviews)
      await new Promise((resolve) => setTimeout(resolve, 50))
    const taken = (performance.now() - started) / 1000
    const posted = pulls.map((pull) => plumbline.github.reviewsOf(pull).length)
    if (posted.some((count) => count !== 1)) throw new Error(`posted ${posted.join(' ')}`)
    return taken
  } finally {
    await plumbline.close()
    await postgres.stop()
  }
}
