import nock from 'nock'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCheckRunBoard } from '../../src/github/check-runs.ts'
import type { CheckRunView } from '../../src/jobs/sweeps/check-run-ports.ts'
import { ParkedError } from '../../src/review/errors.ts'
import { reviewId } from '../../src/review/ids.ts'
import { apiUrl, createMockedGitHub, headSha, patient, ref } from './mocked.ts'

const runsPath = '/repos/Codertocat/Hello-World/check-runs'
const listPath = `/repos/Codertocat/Hello-World/commits/${headSha}/check-runs`

const view: CheckRunView = {
  reviewId: reviewId('12'),
  ref,
  state: 'completed',
  conclusion: 'success',
  title: 'Reviewed: no problems found',
  summary: 'Three files were read.',
  detailsUrl: 'https://plumbline.example/reviews/12',
  overtaken: false,
}

const free = async (): Promise<void> => {}
const overThePace = async (): Promise<void> => {
  throw new ParkedError('no writes are left', 12_000)
}

beforeEach(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())

function run(id: number, changes: object = {}) {
  return {
    id,
    external_id: '12',
    status: 'completed',
    conclusion: 'success',
    output: { title: view.title, summary: view.summary },
    ...changes,
  }
}

function mockList(runs: object[]): void {
  nock(apiUrl)
    .get(listPath)
    .query({ check_name: 'Plumbline', app_id: 1, filter: 'all', per_page: 100, page: 1 })
    .reply(200, { total_count: runs.length, check_runs: runs })
}

test('without the permission the door is closed', async () => {
  const board = createCheckRunBoard(createMockedGitHub(), free)
  mockList([])
  nock(apiUrl).post(runsPath).reply(403, { message: 'Resource not accessible by integration' })

  const went = await board.show(view, patient)

  expect(went).toMatchObject({ kind: 'refused', refusal: { kind: 'closed-door' } })
})

test('over the pace a check run waits as if GitHub had asked for it', async () => {
  const board = createCheckRunBoard(createMockedGitHub(), overThePace)
  mockList([])
  mockList([run(21, { status: 'queued', conclusion: null })])

  const created = await board.show(view, patient)
  const updated = await board.show(view, patient)

  const refused = { kind: 'refused', refusal: { kind: 'limited', delayMs: 12_000 } }
  expect([created, updated]).toEqual([refused, refused])
})

test('what is as wanted already is done at any pace', async () => {
  const board = createCheckRunBoard(createMockedGitHub(), overThePace)
  mockList([run(20)])

  const went = await board.show(view, patient)

  expect(went).toEqual({ kind: 'done', value: undefined })
})

test('a commit that GitHub does not know is told as invalid', async () => {
  const board = createCheckRunBoard(createMockedGitHub(), free)
  nock(apiUrl)
    .get(listPath)
    .query(true)
    .reply(422, { message: `No commit found for SHA: ${headSha}` })

  const went = await board.show(view, patient)

  expect(went).toMatchObject({ kind: 'refused', refusal: { kind: 'invalid' } })
})

test('a creation whose answer is lost is not repeated', async () => {
  const board = createCheckRunBoard(createMockedGitHub(), free)
  let posts = 0
  mockList([])
  nock(apiUrl)
    .post(runsPath)
    .reply(() => [502, (posts++, '')])
    .persist()

  const went = await board.show(view, patient)

  expect(went.kind).toBe('unknown')
  expect(posts).toBe(1)
})

test('one that is overtaken is not created, but brought to its end where it is there', async () => {
  const board = createCheckRunBoard(createMockedGitHub(), free)
  mockList([])
  mockList([run(22, { status: 'in_progress', conclusion: null })])
  nock(apiUrl).patch(`${runsPath}/22`).reply(200, {})

  const absent = await board.show({ ...view, overtaken: true }, patient)
  const there = await board.show({ ...view, overtaken: true }, patient)

  expect([absent.kind, there.kind]).toEqual(['done', 'done'])
  expect(nock.pendingMocks().filter((mock) => mock.includes('check-runs'))).toEqual([])
})

test('the first showing creates it', async () => {
  const board = createCheckRunBoard(createMockedGitHub(), free)
  let sent: unknown
  mockList([run(5, { external_id: '11' }), run(6, { external_id: null })])
  nock(apiUrl)
    .post(runsPath, (body) => ((sent = body), true))
    .reply(201, { id: 7 })

  const went = await board.show(view, patient)

  expect(went).toEqual({ kind: 'done', value: undefined })
  expect(sent).toEqual({
    name: 'Plumbline',
    head_sha: headSha,
    external_id: '12',
    status: 'completed',
    conclusion: 'success',
    details_url: 'https://plumbline.example/reviews/12',
    output: { title: view.title, summary: view.summary },
  })
})

test('every twin that is not as wanted is updated, and the others are left alone', async () => {
  const board = createCheckRunBoard(createMockedGitHub(), free)
  mockList([
    run(20),
    run(21, { status: 'queued', conclusion: null }),
    run(22, { output: { title: 'Waiting', summary: null } }),
  ])
  nock(apiUrl).patch(`${runsPath}/21`).reply(200, {})
  nock(apiUrl)
    .patch(`${runsPath}/22`, (body) => body.output.title === view.title && body.conclusion === 'success')
    .reply(200, {})

  const went = await board.show(view, patient)

  expect(went.kind).toBe('done')
  expect(nock.pendingMocks()).toEqual([])
})

test('twins are found on later pages', async () => {
  const board = createCheckRunBoard(createMockedGitHub(), free)
  nock(apiUrl)
    .get(listPath)
    .query((query) => query['page'] === '1')
    .reply(200, { check_runs: [run(5, { external_id: '11' })] }, { link: `<${apiUrl}/x?page=2>; rel="next"` })
  nock(apiUrl)
    .get(listPath)
    .query((query) => query['page'] === '2')
    .reply(200, { check_runs: [run(20)] })

  const went = await board.show(view, patient)

  expect(went.kind).toBe('done')
})

test('a text that GitHub would refuse for its length is cut', async () => {
  const board = createCheckRunBoard(createMockedGitHub(), free)
  let length = 0
  mockList([])
  nock(apiUrl)
    .post(runsPath, (body) => ((length = body.output.summary.length), true))
    .reply(201, { id: 7 })

  const went = await board.show({ ...view, summary: 'x'.repeat(70_000) }, patient)

  expect(went.kind).toBe('done')
  expect(length).toBe(65_535)
})
