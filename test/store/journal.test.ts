import { expect, test } from 'vitest'
import type { StepResult } from '../../src/jobs/ports.ts'
import { LostLeaseError, PaidForNothing, PermanentError } from '../../src/review/errors.ts'
import { reviewId } from '../../src/review/ids.ts'
import type { Database } from '../../src/store/database.ts'
import { createEndings } from '../../src/store/endings.ts'
import { createJournal } from '../../src/store/journal.ts'
import { createRequests } from '../../src/store/requests.ts'
import { createReviews } from '../../src/store/reviews.ts'
import { allRows, claimReview, headA, headB, openTestStore, readRow, recordReview, silence } from './store.ts'

const db = await openTestStore()
const endings = createEndings(db)
const reviews = createReviews(db)

const failure = { message: 'no', delayMs: 0, maxAttempts: 5, permanent: false }

/** A step that counts its runs and costs something each time. */
function paidStep<T>(output: T) {
  const step = {
    runs: 0,
    run: async (): Promise<StepResult<T>> => {
      step.runs++
      return { output, tokens: { input: 100, output: 20, cached: 60 }, costUsd: 0.0125 }
    },
  }
  return step
}

async function spansOf(id: Parameters<typeof reviews.readReview>[0]) {
  return (await reviews.readReview(id))?.spans ?? []
}

test('a step that ends after the lease was lost stores nothing', async () => {
  const review = await claimReview(db, await recordReview(db))
  const id = review.owner.reviewId
  const lost = createJournal(db, review).step('examine', 1, async () => {
    await silence(db, id)
    await claimReview(db, id, 'w2')
    return { output: 'late', tokens: { input: 1, output: 1, cached: 0 } }
  })

  await expect(lost).rejects.toThrow(LostLeaseError)

  const read = await reviews.readReview(id)
  expect(read?.spans).toMatchObject([{ key: 'examine', status: 'lost', endedAt: null }])
  expect(read?.review.tokens).toEqual({ input: 0, output: 0, cached: 0 })
})

test('a step that fails after the lease was lost says that the lease is lost', async () => {
  const review = await claimReview(db, await recordReview(db))
  const id = review.owner.reviewId

  const lost = createJournal(db, review).step('examine', 1, async () => {
    await silence(db, id)
    await claimReview(db, id, 'w2')
    throw new Error('aborted')
  })

  await expect(lost).rejects.toThrow(LostLeaseError)
})

test('a finished step is not served to somebody who lost the lease', async () => {
  const review = await claimReview(db, await recordReview(db))
  await createJournal(db, review).step('examine', 1, async () => ({ output: 1 }))
  await silence(db, review.owner.reviewId)
  await claimReview(db, review.owner.reviewId, 'w2')

  const lost = createJournal(db, review).step('examine', 1, async () => ({ output: 1 }))

  await expect(lost).rejects.toThrow(LostLeaseError)
})

test('a step that failed is kept with its error and runs again', async () => {
  const review = await claimReview(db, await recordReview(db))
  const journal = createJournal(db, review)
  const step = paidStep('good')

  const failed = journal.step('examine', 1, () => Promise.reject(new Error('no JSON\0')))
  await expect(failed).rejects.toThrow('no JSON')
  const output = await journal.step('examine', 1, step.run)

  expect(output).toBe('good')
  expect(await spansOf(review.owner.reviewId)).toMatchObject([
    { key: 'examine', status: 'failed', error: 'no JSON\uFFFD', endedAt: expect.any(Date) },
    { key: 'examine', status: 'finished', error: null },
  ])
})

test('what a failed step took is in the account, and with its span', async () => {
  const review = await claimReview(db, await recordReview(db))
  const taken = { tokens: { input: 300, output: 2, cached: 100 }, costUsd: 0.5 }

  const run = () => Promise.reject(new PaidForNothing(new Error('useless'), taken))
  await expect(createJournal(db, review).step('examine', 1, run)).rejects.toThrow('useless')

  const read = await reviews.readReview(review.owner.reviewId)
  expect(read?.review).toMatchObject(taken)
  expect(read?.spans).toMatchObject([{ status: 'failed', ...taken }])
})

test('an output that is too large is an error that nobody repeats', async () => {
  const review = await claimReview(db, await recordReview(db))

  const large = createJournal(db, review).step('read', 1, async () => ({ output: 'x'.repeat(33 * 1024 * 1024) }))

  await expect(large).rejects.toThrow(PermanentError)
  expect(await spansOf(review.owner.reviewId)).toMatchObject([{ status: 'failed' }])
})

test('the next owner gets what was finished, and pays only for the rest', async () => {
  const first = await claimReview(db, await recordReview(db))
  const step = paidStep({ findings: ['one'] })
  await createJournal(db, first).step('examine', { head: 'a' }, step.run)
  await endings.fail(first.owner, failure)
  const second = await claimReview(db, first.owner.reviewId, 'w2')

  const output = await createJournal(db, second).step('examine', { head: 'a' }, step.run)

  expect(output).toEqual({ findings: ['one'] })
  expect(step.runs).toBe(1)
  expect(await spansOf(first.owner.reviewId)).toMatchObject([{ status: 'finished', served: 1, worker: 'w1', epoch: 1 }])
})

test('a finished step survives a retry by a person', async () => {
  const first = await claimReview(db, await recordReview(db))
  const step = paidStep('paid')
  await createJournal(db, first).step('examine', 1, step.run)
  await endings.fail(first.owner, { ...failure, permanent: true })
  await createRequests(db).retry(first.owner.reviewId)
  const second = await claimReview(db, first.owner.reviewId)

  await createJournal(db, second).step('examine', 1, step.run)

  expect([second.generation, step.runs]).toEqual([1, 1])
})

test('another input or another key is another step', async () => {
  const review = await claimReview(db, await recordReview(db))
  const journal = createJournal(db, review)
  const step = paidStep(1)

  await journal.step('examine', { head: 'a' }, step.run)
  await journal.step('examine', { head: 'b' }, step.run)
  await journal.step('verify', { head: 'a' }, step.run)

  expect(step.runs).toBe(3)
})

test('steps of two reviews do not meet', async () => {
  const one = await claimReview(db, await recordReview(db, { number: 1 }))
  const two = await claimReview(db, await recordReview(db, { number: 2 }))
  const step = paidStep(1)

  await createJournal(db, one).step('examine', 1, step.run)
  await createJournal(db, two).step('examine', 1, step.run)

  expect(step.runs).toBe(2)
})

test('text comes back as it was stored, whatever is in it', async () => {
  const first = await claimReview(db, await recordReview(db))
  const odd = { text: 'NUL \0, half \ud83d, é, "quoted", \\u0000', list: [1.5, null, true] }
  await createJournal(db, first).step('read', odd, async () => ({ output: odd }))

  const served = await createJournal(db, first).step('read', odd, () => Promise.reject(new Error('run again')))

  expect(served).toEqual(odd)
})

test('a step without an output, and without an input, is finished too', async () => {
  const review = await claimReview(db, await recordReview(db))
  const journal = createJournal(db, review)
  await journal.step('checked', undefined, async () => ({ output: null }))

  const served = await journal.step('checked', undefined, () => Promise.reject(new Error('run again')))

  expect(served).toBeNull()
})

test('steps side by side add up what was paid, each under its own event', async () => {
  const review = await claimReview(db, await recordReview(db))
  const journal = createJournal(db, review)
  const step = paidStep(1)
  const before = await readRow(db, review.owner.reviewId)

  await Promise.all(Array.from({ length: 8 }, (_, index) => journal.step(`examine ${index}`, index, step.run)))

  const read = await reviews.readReview(review.owner.reviewId)
  expect(read?.review).toMatchObject({
    tokens: { input: 800, output: 160, cached: 480 },
    costUsd: 0.1,
    eventSeq: before.event_seq + 16,
  })
  expect(new Set(read?.spans.map((span) => span.eventSeq)).size).toBe(8)
})

test('whoever watches is told at the start and at the end of a step, when it can be read', async () => {
  const review = await claimReview(db, await recordReview(db))
  let told = 0
  const journal = createJournal(db, review, () => told++)
  const seen: string[] = []

  await journal.step('examine', 1, async () => {
    seen.push(`${told} ${(await spansOf(review.owner.reviewId))[0]?.status}`)
    return { output: 1 }
  })

  expect([seen, told]).toEqual([['1 running'], 2])
})

test('a step that was finished, and nobody heard of it, is not paid again', async () => {
  const review = await claimReview(db, await recordReview(db))
  const step = paidStep('found')
  const deaf: Database = {
    ...db,
    async query<Row>(text: string, params?: readonly unknown[]) {
      const rows = await db.query<Row>(text, params)
      if (text.includes("status = 'finished', ended_at")) throw new Error('the connection broke')
      return rows
    },
  }

  await expect(createJournal(deaf, review).step('examine', 1, step.run)).rejects.toThrow(LostLeaseError)
  const output = await createJournal(db, review).step('examine', 1, step.run)

  expect([output, step.runs]).toEqual(['found', 1])
})

test('a head that was superseded by mistake and is recorded again keeps its finished steps', async () => {
  const first = await claimReview(db, await recordReview(db, { headSha: headA }))
  const step = paidStep('found')
  await createJournal(db, first).step('examine', 1, step.run)
  // Of the same second: the later arrival wins, and its job finds out which head is the real one.
  const { owner } = await claimReview(db, await recordReview(db, { headSha: headB }))
  await endings.finish(owner, { kind: 'superseded', by: { headSha: headA, baseRef: 'main' }, reason: 'moved' })
  const again = (await allRows(db)).at(-1)
  if (again?.head_sha !== headA) throw new Error('not recorded again')

  const second = await claimReview(db, reviewId(again.id))
  const output = await createJournal(db, second).step('examine', 1, step.run)

  expect(output).toBe('found')
  expect(step.runs).toBe(1)
  expect(await spansOf(second.owner.reviewId)).toMatchObject([{ key: 'examine', status: 'finished', served: 1 }])
})
