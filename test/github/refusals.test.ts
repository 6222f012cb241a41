// Every answer to a write, as GitHub words it, and what it is taken for.
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createReviewBoard } from '../../src/github/reviews.ts'
import type { Publication } from '../../src/review/publication.ts'
import { apiUrl, createMockedGitHub, headSha, patient, ref, reviewsPath, unprocessable } from './mocked.ts'

const publication: Publication = {
  commitSha: headSha,
  body: 'One finding.\n<!-- marker -->',
  comments: [{ path: 'README.md', line: 3, side: 'RIGHT', body: 'The secret diff line.' }],
  payloadHash: '0'.repeat(32),
}

beforeEach(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())

/** GitHub answers the creation of a draft like this. */
async function createDraftAnswered(status: number, reply: nock.Body, headers: Record<string, string> = {}) {
  const board = createReviewBoard(createMockedGitHub())
  nock(apiUrl).post(reviewsPath).reply(status, reply, headers)
  return board.createDraft(ref, publication, patient)
}

async function submitAnswered(status: number, reply: nock.Body) {
  const board = createReviewBoard(createMockedGitHub())
  nock(apiUrl).post(`${reviewsPath}/80/events`).reply(status, reply)
  return board.submitDraft(ref, 80, patient)
}

describe('a refused draft', () => {
  test.each([
    'User can only have one pending review per pull request',
    {
      resource: 'PullRequestReview',
      field: 'user_id',
      message: 'user_id can only have one pending review per pull request',
    },
  ])('is told that a draft exists: %j', async (error) => {
    const went = await createDraftAnswered(422, unprocessable(error))

    expect(went).toEqual({ kind: 'refused', refusal: { kind: 'draft-exists' } })
  })

  test.each([
    "Pull request review thread line must be part of the diff and Pull request review thread diff hunk can't be blank",
    "Pull request review thread path is invalid and Pull request review thread diff hunk can't be blank",
    'Pull request review thread start line must precede the end line.',
    'Pull request review thread start line must be part of the same hunk as the line.',
    'Line could not be resolved',
    'Path could not be resolved',
    { field: 'pull_request_review_thread.line', message: 'pull_request_review_thread.line must be part of the diff' },
  ])('is told that a line is wrong: %j', async (error) => {
    const went = await createDraftAnswered(422, unprocessable(error))

    expect(went).toEqual({ kind: 'refused', refusal: { kind: 'line' } })
  })

  test.each([
    'The commitOID is not part of the pull request',
    'commit_id is not part of the pull request',
    'Start commit oid is not part of the pull request',
    { field: 'pull_request_review_thread.end_commit_oid', message: 'end_commit_oid is not part of the pull request' },
  ])('is told that the commit is gone: %j', async (error) => {
    const blankHunk = "Pull request review thread diff hunk can't be blank"

    const went = await createDraftAnswered(422, unprocessable(blankHunk, error))

    expect(went).toEqual({ kind: 'refused', refusal: { kind: 'commit-gone' } })
  })

  test.each([
    [422, 'lock prevents review', 'The conversation is locked.'],
    [403, 'Unable to create comment because issue is locked.', 'The conversation is locked.'],
    [403, 'Repository was archived so is read-only.', 'The repository is archived.'],
    [403, 'Resource not accessible by integration', "The App's permissions do not allow this."],
    [403, 'This installation has been suspended', "The App's installation is suspended."],
    [403, 'The organization has an IP allow list', 'GitHub refuses access: The organization has an IP allow list'],
    [404, 'Not Found', expect.stringContaining('does not exist any more')],
    [410, 'Gone', 'GitHub says that this is gone.'],
    [451, 'Repository access blocked', expect.stringContaining('legal reasons')],
  ])('meets a closed door: %i %s', async (status, message, reason) => {
    const went = await createDraftAnswered(status, { message, documentation_url: 'https://docs.github.com/rest' })

    expect(went).toEqual({ kind: 'refused', refusal: { kind: 'closed-door', reason } })
  })

  test('is invalid when GitHub gives a reason that is not known, and the reason is short and without the review', async () => {
    const went = await createDraftAnswered(422, unprocessable(`body is too long ${'!'.repeat(1_000)}`))

    const reason = went.kind === 'refused' && went.refusal.kind === 'invalid' ? went.refusal.reason : ''
    expect(reason).toContain('creating a review on Codertocat/Hello-World#2: GitHub answered 422')
    expect(reason.length).toBeLessThan(500)
    expect(reason).not.toContain('secret')
  })
})

describe('a limit', () => {
  const tooFast = {
    message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  }

  test.each([403, 429])('says how long to wait with Retry-After: %i', async (status) => {
    const went = await createDraftAnswered(status, tooFast, { 'retry-after': '42' })

    expect(went).toEqual({ kind: 'refused', refusal: { kind: 'limited', delayMs: 42_000 } })
  })

  test('of the secondary kind without Retry-After is waited out for a minute', async () => {
    const went = await createDraftAnswered(403, tooFast, { 'x-ratelimit-remaining': '4900' })

    expect(went).toEqual({ kind: 'refused', refusal: { kind: 'limited', delayMs: 60_000 } })
  })

  test('of the primary kind is waited out until its reset, by the clock of GitHub', async () => {
    const headers = {
      date: 'Mon, 01 Jun 2099 12:00:00 GMT',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Date.UTC(2099, 5, 1, 12, 10) / 1000),
    }

    const went = await createDraftAnswered(403, { message: 'API rate limit exceeded for installation ID 7.' }, headers)

    expect(went).toEqual({ kind: 'refused', refusal: { kind: 'limited', delayMs: 601_000 } })
  })

  test('is also a validation error about content that comes too quickly', async () => {
    const went = await createDraftAnswered(422, unprocessable({ field: 'data', message: 'was submitted too quickly' }))

    expect(went).toEqual({ kind: 'refused', refusal: { kind: 'limited', delayMs: 60_000 } })
  })
})

describe('the id of a draft', () => {
  test.each([
    [404, 'Not Found'],
    [422, 'Can not submit a review that is already submitted'],
  ])('that GitHub does not take any more means that the draft is gone: %i', async (status, message) => {
    const went = await submitAnswered(status, { message })

    expect(went).toEqual({ kind: 'refused', refusal: { kind: 'draft-gone' } })
  })

  test('of a submitted review cannot be deleted', async () => {
    const board = createReviewBoard(createMockedGitHub())
    nock(apiUrl).delete(`${reviewsPath}/80`).reply(422, { message: 'Can not delete a non-pending pull request review' })

    const went = await board.deleteDraft(ref, 80, patient)

    expect(went).toEqual({ kind: 'refused', refusal: { kind: 'draft-gone' } })
  })

  test('is not blamed when the conversation is locked', async () => {
    const went = await submitAnswered(422, unprocessable('lock prevents review'))

    expect(went).toMatchObject({ kind: 'refused', refusal: { kind: 'closed-door' } })
  })

  test('is not blamed when the App was uninstalled', async () => {
    const board = createReviewBoard(createMockedGitHub())
    nock.cleanAll()
    nock(apiUrl).post('/app/installations/7/access_tokens').reply(404, { message: 'Not Found' })

    const went = await board.submitDraft(ref, 80, patient)

    expect(went).toEqual({
      kind: 'refused',
      refusal: { kind: 'closed-door', reason: 'The App is not installed here any more.' },
    })
  })
})
