import { inspect } from 'node:util'
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createReviewBoard } from '../../src/github/reviews.ts'
import { ClosedDoorError, ParkedError } from '../../src/review/errors.ts'
import type { Publication } from '../../src/review/publication.ts'
import { apiUrl, botId, createMockedGitHub, headSha, mockBot, patient, pullPath, ref, reviewsPath } from './mocked.ts'

const publication: Publication = {
  commitSha: headSha,
  body: 'One finding.\n<!-- marker -->',
  comments: [
    { path: 'src/a.ts', line: 4, side: 'RIGHT', start_line: 2, start_side: 'RIGHT', body: 'A secret diff line.' },
  ],
  payloadHash: '0'.repeat(32),
}

beforeEach(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())

describe('a write whose result is not known', () => {
  test.each([500, 502, 503, 504])('is sent once and never repeated: %i', async (status) => {
    const board = createReviewBoard(createMockedGitHub())
    let posts = 0
    nock(apiUrl)
      .post(reviewsPath)
      .reply(() => [status, (posts++, '<html>Unicorn!</html>'), { 'content-type': 'text/html' }])
      .persist()

    const went = await board.createDraft(ref, publication, patient)

    expect(went.kind).toBe('unknown')
    expect(posts).toBe(1)
  })

  test('is not known when the connection broke after it was sent', async () => {
    const board = createReviewBoard(createMockedGitHub())
    nock(apiUrl)
      .post(reviewsPath)
      .replyWithError(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }))

    const went = await board.createDraft(ref, publication, patient)

    expect(went.kind).toBe('unknown')
  })

  test('is not known when it is given up while it is under way', async () => {
    const board = createReviewBoard(createMockedGitHub())
    const givingUp = new AbortController()
    nock(apiUrl)
      .post(`${reviewsPath}/80/events`)
      .reply(() => {
        givingUp.abort(new Error('the lease is over'))
        return [200, { id: 80 }]
      })

    const went = await board.submitDraft(ref, 80, givingUp.signal)

    expect(went.kind).toBe('unknown')
  })

  test('is not known when the answer cannot be read', async () => {
    const board = createReviewBoard(createMockedGitHub())
    nock(apiUrl).post(reviewsPath).reply(200, '{"id": 8', { 'content-type': 'application/json' })

    const went = await board.createDraft(ref, publication, patient)

    expect(went.kind).toBe('unknown')
  })

  test('has a cause without token, body or diff', async () => {
    const board = createReviewBoard(createMockedGitHub())
    nock(apiUrl).post(reviewsPath).replyWithError('connect ECONNREFUSED')

    const went = await board.createDraft(ref, publication, patient)

    const shown = inspect(went, { depth: 20, showHidden: true })
    expect(shown).toContain('creating a review on Codertocat/Hello-World#2')
    expect(shown).toContain('ECONNREFUSED')
    expect(shown).not.toMatch(/ghs_|secret|authorization/i)
  })
})

describe('a write', () => {
  test('that was given up before is not sent', async () => {
    const board = createReviewBoard(createMockedGitHub())
    const reason = new Error('the lease is over')

    const went = board.createDraft(ref, publication, AbortSignal.abort(reason))

    await expect(went).rejects.toBe(reason)
  })

  test('creates a pending review of exactly the frozen bytes', async () => {
    const board = createReviewBoard(createMockedGitHub())
    let sent: unknown
    nock(apiUrl, { reqheaders: { authorization: 'token ghs_secret', 'user-agent': /^plumbline / } })
      .post(reviewsPath, (body) => ((sent = body), true))
      .reply(200, { id: 80, state: 'PENDING' })

    const went = await board.createDraft(ref, publication, patient)

    expect(went).toEqual({ kind: 'done', value: { id: 80 } })
    expect(sent).toEqual({ commit_id: headSha, body: publication.body, comments: publication.comments })
  })

  test('submits a draft as a comment, never as an approval', async () => {
    const board = createReviewBoard(createMockedGitHub())
    nock(apiUrl).post(`${reviewsPath}/80/events`, { event: 'COMMENT' }).reply(200, { id: 80, state: 'COMMENTED' })

    const went = await board.submitDraft(ref, 80, patient)

    expect(went).toEqual({ kind: 'done', value: { id: 80 } })
  })

  test('deletes a draft', async () => {
    const board = createReviewBoard(createMockedGitHub())
    nock(apiUrl).delete(`${reviewsPath}/80`).reply(200, { id: 80, state: 'PENDING' })

    const went = await board.deleteDraft(ref, 80, patient)

    expect(went).toEqual({ kind: 'done', value: undefined })
  })
})

describe('listing our reviews', () => {
  test('parks when GitHub asks to wait', async () => {
    const board = createReviewBoard(createMockedGitHub())
    mockBot()
    nock(apiUrl).get(reviewsPath).query(true).reply(429, { message: 'slow down' }, { 'retry-after': '5' })

    const listed = board.listOurs(ref, patient)

    await expect(listed).rejects.toSatisfy((error) => error instanceof ParkedError && error.delayMs === 5_000)
  })

  test('meets a closed door when the repository is gone', async () => {
    const board = createReviewBoard(createMockedGitHub())
    mockBot()
    nock(apiUrl).get(reviewsPath).query(true).reply(404, { message: 'Not Found' })

    const listed = board.listOurs(ref, patient)

    await expect(listed).rejects.toThrow(ClosedDoorError)
  })

  test('finds ours by the user id on all pages, also after a short page', async () => {
    const board = createReviewBoard(createMockedGitHub())
    mockBot()
    const next = { link: `<https://elsewhere.example${pullPath}/reviews?page=2>; rel="next"` }
    const ours = { user: { id: botId, login: 'plumbline[bot]' } }
    nock(apiUrl)
      .get(reviewsPath)
      .query({ per_page: 100, page: 1 })
      .reply(200, [{ id: 1, user: { id: 5, login: 'plumbline[bot]' }, body: 'forged', state: 'COMMENTED' }], next)
      .get(reviewsPath)
      .query({ per_page: 100, page: 2 })
      .reply(200, [
        { id: 2, user: null, body: 'by a ghost', state: 'APPROVED' },
        { id: 3, ...ours, body: 'submitted', state: 'COMMENTED' },
        { id: 4, ...ours, body: 'dismissed', state: 'DISMISSED' },
        { id: 5, ...ours, body: 'draft', state: 'PENDING' },
      ])

    const listed = await board.listOurs(ref, patient)

    expect(listed).toEqual([
      { id: 3, state: 'submitted', body: 'submitted' },
      { id: 4, state: 'submitted', body: 'dismissed' },
      { id: 5, state: 'pending', body: 'draft' },
    ])
  })

  test('asks once who we are', async () => {
    const board = createReviewBoard(createMockedGitHub())
    mockBot()
    nock(apiUrl).get(reviewsPath).query(true).reply(200, []).persist()

    await board.listOurs(ref, patient)
    const again = await board.listOurs(ref, patient)

    expect(again).toEqual([])
  })
})
