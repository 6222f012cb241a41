// A worker: takes jobs from the stream and runs reviews. As many as wanted, on as many machines as wanted.
import { loadEnvironment, readConfig } from './config.ts'
import { type Ground, runEntry } from './connect.ts'
import { createGitHub, type GitHub } from './github/client.ts'
import { createLoop, type Loop } from './jobs/loop.ts'
import { createReviewWork } from './jobs/work.ts'
import { createConsumer } from './queue/consumer.ts'
import { createLibraries } from './library.ts'
import type { ReviewId } from './review/ids.ts'
import { createClaims } from './store/claims.ts'
import { createEndings } from './store/endings.ts'
import { createStory } from './story.ts'
import { createWatchdog } from './watchdog.ts'
import { createWorkerLoops } from './worker-loops.ts'

/** Runs until stopped. Stopping finishes what ends within the grace, and hands the rest back at once. */
export async function startWorker(ground: Ground): Promise<() => Promise<void>> {
  const { clock, config, db, events, log, promoting, queue } = ground
  const { concurrency, leaseMs, maxAttempts, maxCrashes, shutdownGraceMs } = config.worker
  const worker = queue.consumer
  const github = connectGitHub(ground)
  const libraries = createLibraries({ config, github, log })
  const claims = createClaims(db, { leaseMs, maxCrashes })
  const changed = (id: ReviewId): void => {
    events.publish(id)
    promoting.nudge()
  }
  const runReview = createStory(ground, { github, libraries })
  const endings = createEndings(db)
  const work = createReviewWork({ changed, claims, endings, runReview, worker, maxAttempts, leaseMs, log })
  const consumer = createConsumer({ queue, work, slots: concurrency, leaseMs, clock, log })
  const loops = createWorkerLoops(ground, github, async () => {
    // A loop that is stuck is no sign of life.
    if (clock.monotonicMs() - consumer.loopTurnedAtMs < leaseMs) await claims.beatWorker(worker, concurrency)
  })
  const watchdog = createWatchdogLoop(ground, () => consumer.loopTurnedAtMs)

  await claims.beatWorker(worker, concurrency)
  consumer.start()
  watchdog.start()
  loops.start()
  log.info({ worker, slots: concurrency, model: config.model?.model ?? null }, 'working')
  return async () => {
    // A consumer that stops does not turn any more.
    await watchdog.stop()
    await consumer.stop({ graceMs: shutdownGraceMs })
    await loops.stop()
    await libraries.close()
    await claims.removeWorker(worker)
  }
}

/** One for everything here: each keeps installation tokens of its own. */
function connectGitHub({ config, log }: Ground): GitHub {
  const { id: appId, privateKey } = config.app
  return createGitHub({ appId, privateKey, apiUrl: config.githubApiUrl, log })
}

/** A busy or idle loop turns every few seconds; a minute of silence is a loop that hangs. 70 is EX_SOFTWARE of sysexits.h. */
function createWatchdogLoop({ clock, log }: Ground, turnedAtMs: () => number): Loop {
  const bite = (): void => {
    log.fatal({}, 'the loop that takes jobs has not turned for a minute; ending this process')
    process.exit(70)
  }
  const turn = createWatchdog({ turnedAtMs, patience: 6, bite })
  return createLoop({ name: 'watchdog', everyMs: 10_000, turn, clock, log })
}

if (import.meta.main) await runEntry(async () => readConfig(loadEnvironment(), 'worker'), startWorker)
