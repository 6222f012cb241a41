// A worker: takes jobs from the stream and runs reviews. As many as wanted, on as many machines as wanted.
import { createProblemFinder } from './agent/examine.ts'
import type { Model } from './agent/model.ts'
import { createMockModel, mockModelName } from './agent/mock-model.ts'
import { createOpenAIModel } from './agent/openai-model.ts'
import { createChecker } from './checks/checker.ts'
import { createMaskedJournal, createMaskedReader } from './checks/mask-secrets.ts'
import type { ModelConfig } from './config.ts'
import { loadEnvironment, readConfig } from './config.ts'
import { type Ground, runEntry } from './connect.ts'
import { createGitHub, type GitHub } from './github/client.ts'
import { createChangeReader } from './github/read-change.ts'
import { createPublicGitHub, noInstallation } from './github/public/public-github.ts'
import { createFileReader } from './github/read-file.ts'
import { createReviewBoard } from './github/reviews.ts'
import { createLoop, type Loop } from './jobs/loop.ts'
import { createPacedBoard } from './jobs/paced.ts'
import type { ClaimedReview } from './jobs/ports.ts'
import { publishOnce, type Reduction } from './jobs/publish.ts'
import { reducePublication } from './jobs/reduce-publication.ts'
import { runReview } from './jobs/run-review.ts'
import { showOnly } from './jobs/public/show-only.ts'
import { createReviewWork } from './jobs/work.ts'
import { createConsumer } from './queue/consumer.ts'
import type { ReviewId } from './review/ids.ts'
import type { Outcome } from './review/outcome.ts'
import type { Publication } from './review/publication.ts'
import { createClaims } from './store/claims.ts'
import { createEndings } from './store/endings.ts'
import { createWritePace } from './store/github/write-pace.ts'
import { createJournal } from './store/journal.ts'
import { createPublishing } from './store/publishing.ts'
import { createWatchdog } from './watchdog.ts'
import { createWorkerLoops } from './worker-loops.ts'

/** Runs until stopped. Stopping finishes what ends within the grace, and hands the rest back at once. */
export async function startWorker(ground: Ground): Promise<() => Promise<void>> {
  const { clock, config, db, events, log, promoting, queue } = ground
  const { concurrency, leaseMs, maxAttempts, maxCrashes, shutdownGraceMs } = config.worker
  const worker = queue.consumer
  const github = connectGitHub(ground)
  const claims = createClaims(db, { leaseMs, maxCrashes })
  const changed = (id: ReviewId): void => {
    events.publish(id)
    promoting.nudge()
  }
  const work = createReviewWork({
    changed,
    claims,
    endings: createEndings(db),
    runReview: createStory(ground, github),
    worker,
    maxAttempts,
    leaseMs,
    log,
  })
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

/** The story of one claimed review, with its own journal. */
function createStory({ clock, config, db, events }: Ground, github: GitHub) {
  const publicGitHub = createPublicGitHub({ apiUrl: config.publicApiUrl, token: config.githubToken })
  const model = config.model && createModel(config.model)
  const endings = createEndings(db)
  const board = createPacedBoard(createReviewBoard(github), createWritePace(db, config.worker.writes))
  const publishing = { store: createPublishing(db), board, clock, readLagMs: config.worker.readLagMs }
  return (review: ClaimedReview, signal: AbortSignal): Promise<Outcome> => {
    const journal = createMaskedJournal(createJournal(db, review, () => events.publish(review.owner.reviewId)))
    const isInstalled = review.ref.installationId !== noInstallation
    const reads = isInstalled ? github : publicGitHub
    const reader = createMaskedReader(createChangeReader(reads, journal))
    const checker = createChecker({ journal, readFile: createFileReader(reads) })
    const deps = {
      reader,
      checker,
      finder: model && createProblemFinder({ model, journal, price: config.model?.price }),
      endings,
    }
    if (!isInstalled) return showOnly(review, deps, signal)

    const fresh = createChangeReader(github)
    const reduce = (refused: Publication, how: Reduction) =>
      reducePublication({ review, publication: refused, how, reader: fresh }, signal)
    const publish = (publication: Publication) =>
      publishOnce({ ...publishing, reader, reduce, review, signal }, publication)
    return runReview(review, { ...deps, publish }, signal)
  }
}

function createModel(config: ModelConfig): Model {
  return config.model === mockModelName ? createMockModel() : createOpenAIModel(config)
}

if (import.meta.main) await runEntry(async () => readConfig(loadEnvironment(), 'worker'), startWorker)
