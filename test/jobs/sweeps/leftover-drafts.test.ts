import { expect, test } from 'vitest'
import { deleteLeftoverDrafts } from '../../../src/jobs/sweeps/leftover-drafts.ts'
import type { PostedReview, WriteResult } from '../../../src/jobs/ports.ts'
import { ClosedDoorError, ParkedError } from '../../../src/review/errors.ts'
import type { ReviewId } from '../../../src/review/ids.ts'
import type { PullRequestRef } from '../../../src/review/pull-request.ts'
import { createEndings } from '../../../src/store/endings.ts'
import { createLeftoverDraftStore } from '../../../src/store/sweeps/leftover-drafts.ts'
import { createPublishing } from '../../../src/store/publishing.ts'
import { createRequests } from '../../../src/store/requests.ts'
import { claimReview, headA, headB, openTestStore, recordReview } from '../../store/store.ts'

const db = await openTestStore()
const signal = new AbortController().signal
const done: WriteResult<undefined> = { kind: 'done', value: undefined }

/** GitHub's side of one pull request. */
class Board {
  ours: PostedReview[] = [
    { id: 1, state: 'submitted', body: 'An earlier review.' },
    { id: 2, state: 'pending', body: 'A draft.' },
  ]
  answer = done
  closed = false
  /** What listing answers an installation. */
  readonly errors = new Map<number, Error>()
  async listOurs(ref: PullRequestRef): Promise<PostedReview[]> {
    const error = this.errors.get(ref.installationId)
    if (error) throw error
    if (this.closed) throw new ClosedDoorError('The App is not installed here any more.')
    return this.ours
  }
  async deleteDraft(_: unknown, id: number): Promise<WriteResult<undefined>> {
    if (this.answer.kind === 'done') this.ours = this.ours.filter((one) => one.id !== id)
    return this.answer
  }
}

/** A review that was posted an hour ago, at its first try or a later one. */
async function publishedReview(tries: number): Promise<void> {
  const { owner } = await claimReview(db, await recordReview(db, { headSha: headA }))
  for (let tried = 0; tried < tries; tried++)
    await createPublishing(db).openIntent(owner, { commitSha: headA, body: '', comments: [], payloadHash: '0' })
  await createEndings(db).finish(owner, { kind: 'published', delivery: 'review', githubReviewId: 1 })
  await db.query(`update reviews set finished_at = now() - interval '1 hour'`)
}

/** A review that was cancelled an hour ago, in the middle of posting. */
async function interruptedReview(over: Partial<PullRequestRef> = {}): Promise<ReviewId> {
  const { owner } = await claimReview(db, await recordReview(db, { headSha: headA, ...over }))
  await createPublishing(db).openIntent(owner, { commitSha: headA, body: '', comments: [], payloadHash: '0' })
  await createRequests(db).cancel(owner.reviewId, 'A person cancelled it.')
  await db.query(`update reviews set finished_at = now() - interval '1 hour'`)
  return owner.reviewId
}

async function sweep(board: Board): Promise<number | undefined> {
  return (await deleteLeftoverDrafts({ store: createLeftoverDraftStore(db), board }, signal))['deleted']
}

test('what GitHub does not do now is tried again at the next turn', async () => {
  const board = new Board()
  await interruptedReview()
  board.answer = { kind: 'unknown', cause: new Error('502') }
  const first = await sweep(board)
  board.answer = { kind: 'refused', refusal: { kind: 'limited', delayMs: 60_000 } }
  const second = await sweep(board)
  board.answer = done

  const third = await sweep(board)

  expect([first, second, third]).toEqual([0, 0, 1])
})

test('when GitHub asks to wait, or answers errors, the drafts of others are deleted all the same', async () => {
  const board = new Board()
  for (let number = 1; number <= 25; number++) await interruptedReview({ number, installationId: 1, repositoryId: 1 })
  await interruptedReview({ installationId: 2, repositoryId: 2 })
  await interruptedReview({ installationId: 3, repositoryId: 3 })
  board.errors.set(1, new ParkedError('GitHub asked to wait', 60_000))
  board.errors.set(2, new Error('GitHub answered 502'))

  await expect(sweep(board)).rejects.toThrow('502')

  expect(board.ours).toMatchObject([{ state: 'submitted' }])
})

test('where the App has no access any more, nothing is tried again', async () => {
  const board = new Board()
  await interruptedReview()
  board.closed = true
  await sweep(board)
  board.closed = false

  expect(await sweep(board)).toBe(0)
})

test('a pull request with a live review is left to that review', async () => {
  await interruptedReview()
  await recordReview(db, { headSha: headB })

  expect(await sweep(new Board())).toBe(0)
})

test('a review that has just ended is left alone: its worker may not know yet', async () => {
  await interruptedReview()
  await db.query('update reviews set finished_at = now()')

  expect(await sweep(new Board())).toBe(0)
})

test('the draft of an interrupted review is deleted once, and no submitted review is touched', async () => {
  const board = new Board()
  await interruptedReview()

  const deleted = await sweep(board)
  const again = await sweep(board)

  expect([deleted, again]).toEqual([1, 0])
  expect(board.ours).toMatchObject([{ id: 1, state: 'submitted' }])
})

test('a draft that GitHub created after the review was posted at a later try is deleted', async () => {
  const board = new Board()
  await publishedReview(2)

  expect([await sweep(board), await sweep(board)]).toEqual([1, 0])
})

test('a review that was posted at the first try is not asked for', async () => {
  await publishedReview(1)

  expect(await sweep(new Board())).toBe(0)
})
