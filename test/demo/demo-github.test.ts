// The stand-in of the first review, asked by our own client.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DemoGitHub, startDemoGitHub } from '../../src/demo/demo-github.ts'
import { createCheckRunBoard } from '../../src/github/check-runs.ts'
import { createGitHub, type GitHub } from '../../src/github/client.ts'
import { toHook } from '../../src/github/hooks.ts'
import { locatePullRequest } from '../../src/github/locate.ts'
import { createChangeReader } from '../../src/github/read-change.ts'
import { createReviewBoard } from '../../src/github/reviews.ts'
import { parseFilePatch } from '../../src/review/diff.ts'
import { commitSha, reviewId } from '../../src/review/ids.ts'
import type { PullRequestRef } from '../../src/review/pull-request.ts'
import { createKeptLog } from '../support/log.ts'

let demo: DemoGitHub
let github: GitHub

beforeAll(async () => {
  demo = await startDemoGitHub()
  github = createGitHub({
    appId: demo.app.id,
    privateKey: demo.app.privateKey,
    apiUrl: demo.apiUrl,
    log: createKeptLog(),
  })
})

afterAll(() => demo.close())

const { signal } = new AbortController()

function refOf(number: number): PullRequestRef {
  const { guid, event, payload } = demo.delivery(number)
  const hook = toHook({ id: guid, name: event, payload })
  if (hook.kind !== 'review') throw new Error(`the sample starts no review: ${JSON.stringify(hook)}`)
  return hook.ref
}

const publicationOf = (ref: PullRequestRef, line: number) => ({
  commitSha: ref.headSha,
  body: 'A review.',
  comments: [{ path: 'src/orders/total.ts', line, side: 'RIGHT' as const, body: 'A comment.' }],
  payloadHash: 'a'.repeat(32),
})

test('nobody gets an answer without the key or a token', async () => {
  const answers = await Promise.all(
    ['/app', '/repos/plumbline--sample/shop/pulls/1'].map((path) => fetch(demo.apiUrl + path)),
  )
  const forged = await fetch(`${demo.apiUrl}/app/installations/1/access_tokens`, {
    method: 'POST',
    headers: { authorization: 'bearer a.b.c' },
  })

  expect([...answers, forged].map((answer) => answer.status)).toEqual([401, 401, 401])
})

test('a comment off the diff is refused, as on GitHub', async () => {
  const ref = refOf(90)

  const created = await createReviewBoard(github).createDraft(ref, publicationOf(ref, 3), signal)

  expect(created).toEqual({ kind: 'refused', refusal: { kind: 'line' } })
})

test('a second draft on the same pull request is refused, and a deleted one is gone', async () => {
  const ref = refOf(91)
  const board = createReviewBoard(github)
  const first = await board.createDraft(ref, publicationOf(ref, 11), signal)

  const second = await board.createDraft(ref, publicationOf(ref, 11), signal)
  const id = first.kind === 'done' ? first.value.id : 0
  const deleted = await board.deleteDraft(ref, id, signal)
  const submitted = await board.submitDraft(ref, id, signal)

  expect(second).toEqual({ kind: 'refused', refusal: { kind: 'draft-exists' } })
  expect(deleted.kind).toBe('done')
  expect(submitted).toEqual({ kind: 'refused', refusal: { kind: 'draft-gone' } })
  expect(demo.postedReviews(91)).toEqual([])
})

test('a commit that is not the head is refused', async () => {
  const ref = refOf(92)
  const publication = { ...publicationOf(ref, 11), commitSha: commitSha('f'.repeat(40)) }

  const created = await createReviewBoard(github).createDraft(ref, publication, signal)

  expect(created).toEqual({ kind: 'refused', refusal: { kind: 'commit-gone' } })
})

test('a check run is created once and then changed', async () => {
  const ref = refOf(93)
  const board = createCheckRunBoard(github, async () => {})
  const view = {
    reviewId: reviewId('93'),
    ref,
    state: 'queued' as const,
    title: 'Waiting',
    summary: '',
    overtaken: false,
  }

  const created = await board.show(view, signal)
  const changed = await board.show({ ...view, state: 'completed', conclusion: 'success', title: 'Done' }, signal)

  expect([created.kind, changed.kind]).toEqual(['done', 'done'])
})

test('the stored delivery names the pull request that the stand-in has', async () => {
  const located = await locatePullRequest(github, { owner: 'plumbline--sample', repo: 'shop', number: 7 }, signal)

  expect(located.ref).toEqual(refOf(7))
})

test('the sample reads like any pull request: its files are those of its head', async () => {
  const ref = refOf(94)
  const reader = createChangeReader(github)

  const change = await reader.readChange(ref, await reader.readState(ref, signal), signal)

  expect(change?.files.map((file) => file.path)).toEqual([
    'package-lock.json',
    'src/orders/checkout.ts',
    'src/orders/total.ts',
    'test/total.test.ts',
  ])
  expect(change?.files.map(parseFilePatch)).not.toContainEqual(expect.objectContaining({ kind: 'unreadable' }))
  expect(change?.state.changedFiles).toBe(4)
})

test('the counts of lines are those of the patches', async () => {
  const ref = refOf(95)
  const reader = createChangeReader(github)
  const change = await reader.readChange(ref, await reader.readState(ref, signal), signal)

  const counted = change?.files.map(({ patch = '' }) => [
    patch.split('\n').filter((row) => row.startsWith('+')).length,
    patch.split('\n').filter((row) => row.startsWith('-')).length,
  ])

  expect(change?.files.map(({ additions, deletions }) => [additions, deletions])).toEqual(counted)
})

test('a submitted review stays, with its inline comments in place', async () => {
  const ref = refOf(96)
  const board = createReviewBoard(github)
  const draft = await board.createDraft(ref, publicationOf(ref, 11), signal)
  const id = draft.kind === 'done' ? draft.value.id : 0

  const before = demo.postedReviews(96)
  const submitted = await board.submitDraft(ref, id, signal)
  const deleted = await board.deleteDraft(ref, id, signal)

  expect(before).toEqual([])
  expect(submitted).toEqual({ kind: 'done', value: { id } })
  expect(deleted).toEqual({ kind: 'refused', refusal: { kind: 'draft-gone' } })
  expect(demo.postedReviews(96)).toMatchObject([
    { body: 'A review.', comments: [{ path: 'src/orders/total.ts', line: 11, side: 'RIGHT', body: 'A comment.' }] },
  ])
})
