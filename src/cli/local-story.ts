// The story of a review where there is no server, no database and no GitHub: the same `runReview`, on a local repository.
// Everything that the story is given here is made in `createDeps`.
import { type Asked, createFinder } from '../agent/finder.ts'
import { usualLimits } from '../agent/limits.ts'
import { createChecker } from '../checks/checker.ts'
import { createMaskedCodebase, createMaskedJournal, createMaskedReader } from '../checks/mask-secrets.ts'
import type { FileJournal } from '../eval/file-journal.ts'
import type { Codebase, SymbolReader } from '../jobs/code/codebase.ts'
import type { ChangeReader, ClaimedReview, Journal, ReviewRecord } from '../jobs/ports.ts'
import { type ReviewDeps, runReview } from '../jobs/run-review.ts'
import type { Clock } from '../queue/clock.ts'
import { createSymbolReader } from '../repo/symbols.ts'
import { ClosedDoorError, ParkedError, PermanentError, UserError } from '../review/errors.ts'
import { reviewId } from '../review/ids.ts'
import type { Outcome } from '../review/outcome.ts'
import type { Change, ChangedFile } from '../review/pull-request.ts'
import { accountOf } from './account.ts'
import type { ChosenModel, ChosenModels } from './chosen-model.ts'
import { createWatchedJournal, type Say } from './progress.ts'

/** What is reviewed. */
export interface LocalSubject {
  change: Change
  codebase: Codebase
}

export interface LocalMeans {
  journal: FileJournal
  chosen: ChosenModels
  clock: Clock
  say: Say
}

/** What came of it. */
export interface LocalReview {
  outcome: Outcome
  /** Missing when nothing was examined. */
  record: ReviewRecord | undefined
  /** As it was reviewed: without secrets. */
  files: ChangedFile[]
}

/** Throws what failed, after some tries. What was finished is in the journal, so that a later run goes on from there. */
export async function reviewLocally(
  subject: LocalSubject,
  means: LocalMeans,
  signal: AbortSignal,
): Promise<LocalReview> {
  const seen: Omit<LocalReview, 'outcome'> = { record: undefined, files: [] }
  const { ref } = subject.change
  const review: ClaimedReview = {
    owner: { reviewId: reviewId('1'), epoch: 1, worker: 'local' },
    ref,
    generation: 0,
    attempts: 0,
  }
  const symbols = createSymbolReader()
  try {
    const deps = createDeps({ ...subject, symbols }, means, seen)
    const outcome = await withPatience(() => runReview(review, deps, signal), means, signal)
    return { outcome, ...seen }
  } finally {
    await symbols.close()
  }
}

/** Whoever answers by hand takes their time, and a model of one's own may. */
const limits = { ...usualLimits, timeoutMs: 86_400_000 }

function createDeps(
  { change, codebase, symbols }: LocalSubject & { symbols: SymbolReader },
  { chosen, clock, journal: recorded, say }: LocalMeans,
  seen: Omit<LocalReview, 'outcome'>,
): ReviewDeps {
  const journal = createMaskedJournal(createWatchedJournal(recorded, say))
  const [finder, verifier] = [chosen.finder, chosen.verifier].map(askedOf)
  const openLibrary = async () => ({ codebase: createMaskedCodebase(codebase), symbols })
  const startedMs = clock.monotonicMs()
  return {
    reader: createMaskedReader(createReader(change, journal, (files) => (seen.files = files))),
    checker: createChecker({
      journal,
      readFile: ({ path, sha }, signal) =>
        codebase.readFile(path, sha === change.state.baseSha ? 'base' : 'head', signal),
    }),
    finder: finder && verifier && createFinder({ finder, verifier, journal, openLibrary, limits }),
    // Nobody has said anything here.
    readSaid: async () => [],
    endings: {
      recordExamination: async (_, record) => {
        seen.record = record
        const { tokens, ms } = accountOf(recorded.used(), clock.monotonicMs() - startedMs)
        return { tokens, tookMs: ms }
      },
    },
    publish: async () => ({ kind: 'published', delivery: 'shown' }),
  }
}

function askedOf({ model, price }: ChosenModel): Asked | undefined {
  return model && { model, price }
}

/** A step like any other, so that a recorded run can be replayed, and so that no secret gets past the journal. */
function createReader(change: Change, journal: Journal, onFiles: (files: ChangedFile[]) => void): ChangeReader {
  return {
    readState: async () => change.state,
    async readChange(ref, state) {
      const { commits, files } = change
      const input = { baseSha: state.baseSha, headSha: state.headSha }
      const read = await journal.step(`change:${state.headSha}`, input, async () => ({ output: { commits, files } }))
      onFiles(read.files)
      return { ref, state, ...read }
    },
  }
}

/** A server gets five attempts and minutes; somebody who sits and waits wants to know sooner. */
const pausesMs = [2_000, 10_000]

async function withPatience(
  run: () => Promise<Outcome>,
  { clock, say }: LocalMeans,
  signal: AbortSignal,
): Promise<Outcome> {
  const pauses = [...pausesMs]
  for (;;) {
    try {
      return await run()
    } catch (error) {
      signal.throwIfAborted()
      const waitMs = error instanceof ParkedError ? error.delayMs : isFinal(error) ? undefined : pauses.shift()
      if (waitMs === undefined) throw error
      say(`${error instanceof Error ? error.message : String(error)}; again in ${Math.ceil(waitMs / 1000)} s`)
      await clock.sleep(waitMs, signal)
      signal.throwIfAborted()
    }
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof UserError || error instanceof PermanentError || error instanceof ClosedDoorError
}
