// The story of a claimed review with everything that it needs. For the worker.
import { createFinder, type FinderOptions } from './agent/finder.ts'
import { createModel, verifierOf } from './agent/models/create-model.ts'
import { createChecker } from './checks/checker.ts'
import { createMaskedJournal, createMaskedReader } from './checks/mask-secrets.ts'
import type { ModelConfig } from './config-model.ts'
import type { Ground } from './connect.ts'
import type { GitHub } from './github/client.ts'
import { createApiCodebase } from './github/code/api-codebase.ts'
import { createSaidReader } from './github/code/said.ts'
import { createPublicGitHub, noInstallation } from './github/public/public-github.ts'
import { createChangeReader } from './github/read-change.ts'
import { createFileReader } from './github/read-file.ts'
import { createReviewBoard } from './github/reviews.ts'
import { createPacedBoard } from './jobs/paced.ts'
import type { ClaimedReview } from './jobs/ports.ts'
import { showOnly } from './jobs/public/show-only.ts'
import { publishOnce, type Reduction } from './jobs/publish.ts'
import { reducePublication } from './jobs/reduce-publication.ts'
import { runReview } from './jobs/run-review.ts'
import type { Libraries } from './library.ts'
import type { Outcome } from './review/outcome.ts'
import type { Publication } from './review/publication.ts'
import { createEndings } from './store/endings.ts'
import { createWritePace } from './store/github/write-pace.ts'
import { createJournal } from './store/journal.ts'
import { createPublishing } from './store/publishing.ts'

export type Story = (review: ClaimedReview, signal: AbortSignal) => Promise<Outcome>

export interface StoryMeans {
  github: GitHub
  libraries: Libraries
}

/** Each review has its own journal; models and GitHub's clients are shared. */
export function createStory({ clock, config, db, events }: Ground, { github, libraries }: StoryMeans): Story {
  const publicGitHub = createPublicGitHub({ apiUrl: config.publicApiUrl, token: config.githubToken })
  const models = config.model && createModels(config.model)
  const endings = createEndings(db)
  const board = createPacedBoard(createReviewBoard(github), createWritePace(db, config.worker.writes))
  const publishing = { store: createPublishing(db), board, clock, readLagMs: config.worker.readLagMs }
  return (review, signal) => {
    const journal = createMaskedJournal(createJournal(db, review, () => events.publish(review.owner.reviewId)))
    const isInstalled = review.ref.installationId !== noInstallation
    const reads = isInstalled ? github : publicGitHub
    const reader = createMaskedReader(createChangeReader(reads, journal))
    const readFile = createFileReader(reads, review.ref)
    const openLibrary: FinderOptions['openLibrary'] = (of, when) =>
      libraries.open(of, createApiCodebase(reads, of, readFile), when)
    const deps = {
      reader,
      checker: createChecker({ journal, readFile }),
      finder: models && createFinder({ ...models, journal, openLibrary }),
      readSaid: createSaidReader(reads),
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

/** Two prices or none: what one of two models took would stand there as what the review cost. */
function createModels(config: ModelConfig) {
  const second = verifierOf(config)
  const finder = { model: createModel(config), price: (second ?? config).price && config.price }
  return { finder, verifier: second ? { model: createModel(second), price: config.price && second.price } : finder }
}
