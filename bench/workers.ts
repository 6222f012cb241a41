// How long one, two and three workers take for a burst of reviews with a model that takes two seconds.
// Whole processes on real Redis and Postgres, in one run, on one machine; what counts is the ratio.
import { reviewFirstAddedLine } from '../test/support/model/reviewer.ts'
import { Plumbline } from '../test/support/plumbline.ts'
import { startPostgres } from '../test/support/servers/postgres.ts'
import { review, unhurried } from './reviews.ts'
import { bar, table } from './rounds.ts'

const reviews = 30
/** As a quick model answers; the rest of a review is ours, and is what workers that share a machine get in each other's way with. */
const modelMs = 2000

/** One slot each, so that what is compared is workers. */
const settings = { ...unhurried, WORKER_CONCURRENCY: '1' }

export async function benchWorkers(): Promise<void> {
  const seconds: number[] = []
  for (const workers of [1, 2, 3]) seconds.push(await burst(workers))
  const ratios = seconds.map((taken) => (seconds[0] ?? taken) / taken)
  table(
    ['workers, one slot each', `${reviews} reviews, seconds`, 'x one worker'],
    seconds.map((taken, index) => [String(index + 1), taken.toFixed(1), (ratios[index] ?? 0).toFixed(2)]),
  )
  bar('3 workers / one, model of 2 s', ratios[2] ?? 0, { atLeast: 2.9 })
}

/** Seconds from the first delivery to the last published review, by warm workers. Throws when one was posted twice. */
async function burst(workers: number): Promise<number> {
  const postgres = await startPostgres()
  const plumbline = await Plumbline.start(postgres.url)
  try {
    plumbline.model.play((request) => ({ kind: 'slow', ms: modelMs, then: reviewFirstAddedLine(request) }))
    await plumbline.web()
    await Promise.all(Array.from({ length: workers }, () => plumbline.worker(settings)))
    // A worker's first review loads code, a grammar and keys, and three that start share two cores.
    await review(plumbline, 2 * workers)
    const { pulls, seconds } = await review(plumbline, reviews)
    const posted = pulls.map((pull) => plumbline.github.reviewsOf(pull).length)
    if (posted.some((count) => count !== 1)) throw new Error(`posted ${posted.join(' ')}`)
    return seconds
  } finally {
    await plumbline.close()
    await postgres.stop()
  }
}
