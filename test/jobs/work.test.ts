import { expect, test } from 'vitest'
import type { ClaimedReview, EndingStore, ReviewClaim } from '../../src/jobs/ports.ts'
import { createReviewWork } from '../../src/jobs/work.ts'
import { ClosedDoorError, LostLeaseError, ParkedError, PermanentError } from '../../src/review/errors.ts'
import { commitSha, reviewId } from '../../src/review/ids.ts'
import type { Outcome } from '../../src/review/outcome.ts'
import { createKeptLog } from '../support/log.ts'

const review: ClaimedReview = {
  owner: { reviewId: reviewId('7'), epoch: 3, worker: 'w1' },
  ref: {
    installationId: 1,
    repositoryId: 2,
    owner: 'acme',
    repo: 'shop',
    number: 4,
    headSha: commitSha('a'.repeat(40)),
    baseRef: 'main',
    kind: 'pull_request',
  },
  generation: 0,
  attempts: 1,
}

/** One claimed review whose story is `story`; answers what was written on the row. */
function claimedWork(
  story: () => Promise<Outcome>,
  { broken, crashes = 0 }: { broken?: Error; crashes?: number } = {},
) {
  const written: unknown[] = []
  const write = async (entry: unknown): Promise<void> => {
    if (broken) throw broken
    written.push(entry)
  }
  const endings: EndingStore = {
    recordExamination: async () => ({ tokens: { input: 0, output: 0, cached: 0 }, tookMs: 0 }),
    finish: (_, outcome) => write({ finish: outcome }),
    park: (_, reason, delayMs) => write({ park: reason, delayMs }),
    async fail(_, failure) {
      await write({ fail: failure })
      return { kind: failure.permanent ? 'failed' : 'retrying' }
    },
  }
  const claims = {
    claim: async (): Promise<ReviewClaim> => ({ kind: 'claimed', review, crashes }),
    release: async () => undefined,
    beat: async () => [],
    reject: async () => undefined,
  }
  const work = createReviewWork({
    claims,
    endings,
    runReview: story,
    worker: 'w1',
    maxAttempts: 5,
    leaseMs: 30_000,
    changed: () => undefined,
    log: createKeptLog(),
  })
  const run = async (signal = new AbortController().signal) => {
    await work.claim('7')
    return work.run({ jobId: '7', epoch: 3 }, signal)
  }
  return { run, work, written }
}

test('an outcome is written on the row, and the job has ended', async () => {
  const { run, written } = claimedWork(async () => ({ kind: 'skipped', reason: 'Nothing to read.' }))

  const ending = await run()

  expect(ending).toEqual({ kind: 'ended' })
  expect(written).toEqual([{ finish: { kind: 'skipped', reason: 'Nothing to read.' } }])
})

test('an ordinary error is retried after a pause that grows with the attempts', async () => {
  const { run, written } = claimedWork(() => Promise.reject(new Error('reading failed', { cause: new Error('502') })))

  const ending = await run()

  expect(ending).toEqual({ kind: 'later', delayMs: 40_000 })
  expect(written).toMatchObject([{ fail: { message: 'reading failed: 502', permanent: false, maxAttempts: 5 } }])
})

test('being asked to wait spends no attempt', async () => {
  const { run, written } = claimedWork(() => Promise.reject(new ParkedError('the model asked to wait', 120_000)))

  const ending = await run()

  expect(ending).toEqual({ kind: 'later', delayMs: 120_000 })
  expect(written).toEqual([{ park: 'the model asked to wait', delayMs: 120_000 }])
})

test('a permanent error ends the job at once', async () => {
  const { run, written } = claimedWork(() => Promise.reject(new PermanentError('no such model')))

  const ending = await run()

  expect(ending).toEqual({ kind: 'ended' })
  expect(written).toMatchObject([{ fail: { permanent: true } }])
})

test('a closed door cancels the review with its reason', async () => {
  const { run, written } = claimedWork(() => Promise.reject(new ClosedDoorError('The App was uninstalled.')))

  await run()

  expect(written).toEqual([{ finish: { kind: 'cancelled', reason: 'The App was uninstalled.' } }])
})

test('whoever lost the lease writes nothing', async () => {
  const { run, written } = claimedWork(() => Promise.reject(new LostLeaseError('epoch 3 is over')))

  const ending = await run()

  expect(ending).toEqual({ kind: 'lost' })
  expect(written).toEqual([])
})

test('whoever was aborted writes nothing, whatever the story threw', async () => {
  const { run, written } = claimedWork(() => Promise.reject(new Error('socket closed')))
  const aborted = new AbortController()
  aborted.abort()

  const ending = await run(aborted.signal)

  expect(ending).toEqual({ kind: 'lost' })
  expect(written).toEqual([])
})

test('an ending that cannot be written is thrown, so that the entry stays pending', async () => {
  const { run } = claimedWork(() => Promise.reject(new Error('reading failed')), {
    broken: new Error('Postgres is away'),
  })

  await expect(run()).rejects.toThrow('Postgres is away')
})

test('a review that killed two workers runs alone, one that killed one does not', async () => {
  const story = async (): Promise<Outcome> => ({ kind: 'skipped', reason: 'Nothing to read.' })

  const once = await claimedWork(story, { crashes: 1 }).work.claim('7')
  const twice = await claimedWork(story, { crashes: 2 }).work.claim('7')

  expect([once, twice]).toMatchObject([{ alone: false }, { alone: true }])
})
