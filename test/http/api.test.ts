import { describe, expect, test } from 'vitest'
import { reviewId } from '../../src/review/ids.ts'
import { startApi } from './api-server.ts'
import { ask } from './listening.ts'
import { finding, span } from './reviews-in-memory.ts'

describe('POST /api/reviews', () => {
  test.each([
    ['no body', ''],
    ['no JSON', '{"prUrl":'],
    ['no object', '"https://github.com/o/r/pull/1"'],
    ['null', 'null'],
    ['another name', '{"url":"https://github.com/o/r/pull/1"}'],
    ['a number', '{"prUrl":1}'],
  ])('with %s is told what to send', async (_, body) => {
    const { send } = await startApi()

    const answer = await send('/api/reviews', body)

    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.text)).toEqual({ error: expect.stringContaining('{"prUrl": "https://github.com/') })
  })

  test.each([
    'not a url',
    'https://github.com/octo-org/hello-world',
    'https://github.com/octo-org/hello-world/issues/1',
    'https://github.com/octo-org/hello-world/pull/0',
    'https://github.com/octo-org/hello-world/pull/99999999999',
    'https://github.com/octo-org/../pull/1',
    'https://github.com/octo-org/%2e%2e/pull/1',
    'https://github.com/octo-org/hello%2fworld/pull/1',
    'https://github.com.evil.example/octo-org/hello-world/pull/1',
    'https://evil.example/github.com/octo-org/hello-world/pull/1',
    'https://github.com@evil.example/octo-org/hello-world/pull/1',
    'https://user:pass@github.com/octo-org/hello-world/pull/1',
    'https://github.com:8443/octo-org/hello-world/pull/1',
    'http://github.com/octo-org/hello-world/pull/1',
    'file:///octo-org/hello-world/pull/1',
    'javascript://github.com/octo-org/hello-world/pull/1',
  ])('refuses %s with a sentence', async (prUrl) => {
    const { reviews, send } = await startApi()

    const answer = await send('/api/reviews', JSON.stringify({ prUrl }))

    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.text)).toEqual({ error: expect.stringMatching(/[a-z]/) })
    expect((await reviews.list({ limit: 10 })).reviews).toEqual([])
  })

  test('passes on why a pull request cannot be reviewed', async () => {
    const { send } = await startApi()

    const answer = await send('/api/reviews', '{"prUrl":"https://github.com/octo-org/closed/pull/1"}')

    expect(answer).toMatchObject({ status: 400, text: '{"error":"The pull request is closed."}' })
  })

  test('refuses a large body', async () => {
    const { send } = await startApi()

    expect((await send('/api/reviews', JSON.stringify({ prUrl: 'x'.repeat(70_000) }))).status).toBe(413)
  })

  test.each([
    'https://github.com/octo-org/hello.world/pull/12',
    ' https://github.com/octo-org/hello.world/pull/12/files?w=1#diff-1 ',
    'https://GitHub.com/octo-org/hello.world/pull/12/commits/abc',
  ])('queues %s', async (prUrl) => {
    const { reviews, send } = await startApi()

    const answer = await send('/api/reviews', JSON.stringify({ prUrl }))

    expect(answer).toMatchObject({ status: 202, text: '{"id":"1","status":"queued"}' })
    expect(await reviews.read(reviewId('1'))).toMatchObject({
      review: { owner: 'octo-org', repo: 'hello.world', number: 12 },
    })
  })
})

describe('GET /api/reviews', () => {
  test.each([
    'status=done',
    'repo=hello',
    'repo=a/b/c',
    'cursor=abc',
    'cursor=-1',
    'limit=0',
    'limit=101',
    'limit=x',
    'page=2',
  ])('refuses ?%s and says what is possible', async (query) => {
    const { get } = await startApi()

    const answer = await get(`/api/reviews?${query}`)

    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.text).error).toContain(
      `"${query.split('=')[0] === 'page' ? 'cursor' : query.split('=')[0]}"`,
    )
  })

  test('lists newest first, page by page', async () => {
    const { get, reviews } = await startApi()
    for (const title of ['one', 'two', 'three']) reviews.add({ title })

    const first = JSON.parse((await get('/api/reviews?limit=2')).text)
    const second = JSON.parse((await get(`/api/reviews?limit=2&cursor=${first.cursor}`)).text)

    expect(first.reviews.map((review: { title: string }) => review.title)).toEqual(['three', 'two'])
    expect(second).toMatchObject({ reviews: [{ title: 'one', createdAt: '2026-01-05T10:00:00.000Z' }], cursor: null })
  })

  test('keeps to a status and a repository', async () => {
    const { get, reviews } = await startApi()
    reviews.add({ status: 'failed', repo: 'a' })
    reviews.add({ status: 'failed', repo: 'b' })
    reviews.add({ status: 'queued', repo: 'b' })

    const answer = await get('/api/reviews?status=failed&repo=octo-org/b&cursor=')

    expect(JSON.parse(answer.text).reviews).toEqual([expect.objectContaining({ id: '2' })])
  })
})

describe('one review', () => {
  test.each(['/api/reviews/99', '/api/reviews/0', '/api/reviews/abc', '/api/reviews/1e3', '/api/reviews/99/events'])(
    'GET %s is not there',
    async (path) => {
      const { get } = await startApi()

      expect(await get(path)).toMatchObject({ status: 404, text: '{"error":"There is no review with this id."}' })
    },
  )

  test('is shown with its findings and spans', async () => {
    const { get, reviews } = await startApi()
    reviews.add({ status: 'published' }, { findings: [finding()], spans: [span()] })

    const answer = await get('/api/reviews/1')

    expect(JSON.parse(answer.text)).toMatchObject({
      id: '1',
      status: 'published',
      findings: [{ path: 'src/greeting.ts', line: 12 }],
      spans: [{ key: 'read-change', worker: 'worker-1' }],
    })
  })

  test.each(['retry', 'cancel'])('%s of one that is not there is 404, of one that cannot be is 409', async (verb) => {
    const { reviews, send } = await startApi()
    reviews.add({ status: 'published' })

    const missing = await send(`/api/reviews/2/${verb}`)
    const impossible = await send(`/api/reviews/1/${verb}`)

    expect([missing.status, impossible.status]).toEqual([404, 409])
    expect(JSON.parse(impossible.text)).toEqual({ error: expect.stringMatching(/^The review/) })
  })

  test('a failed one can be retried, a queued one cancelled', async () => {
    const { reviews, send } = await startApi()
    reviews.add({ status: 'failed' })

    const retried = await send('/api/reviews/1/retry')
    const cancelled = await send('/api/reviews/1/cancel')

    expect(retried).toMatchObject({ status: 202, text: '{"id":"1","status":"queued"}' })
    expect(cancelled).toMatchObject({ status: 202, text: '{"id":"1","status":"cancelled"}' })
    expect(await reviews.read(reviewId('1'))).toMatchObject({ review: { status: 'cancelled' } })
  })
})

describe('the rest', () => {
  test('GET /api/queue says what waits and who works', async () => {
    const { get, reviews } = await startApi()
    const workers = [{ name: 'w-1', slots: 4, startedAt: new Date(0), loopTurnedAt: new Date(1000) }]
    reviews.queueState = { ...reviews.queueState, waiting: 3, workers, stream: null }

    const answer = await get('/api/queue')

    expect(JSON.parse(answer.text)).toMatchObject({
      waiting: 3,
      stream: null,
      workers: [{ name: 'w-1', loopTurnedAt: '1970-01-01T00:00:01.000Z' }],
    })
  })

  test('GET /healthz needs neither password nor loopback', async () => {
    const { port } = await startApi()

    const answer = await ask(port, '/healthz', {
      headers: { host: 'reviews.example.com', 'x-forwarded-for': '203.0.113.9' },
    })

    expect(answer).toMatchObject({ status: 200, text: '{"status":"ok"}' })
  })

  test.each([
    ['both answer', {}, 200, { status: 'ready', postgres: 'ok', queue: 'ok' }],
    [
      'the queue is away',
      { checkQueue: () => Promise.reject(new Error('away')) },
      200,
      { status: 'ready', queue: 'unreachable' },
    ],
    [
      'Postgres is away',
      { checkDatabase: () => Promise.reject(new Error('away')) },
      503,
      { status: 'not ready', postgres: 'unreachable' },
    ],
    [
      'Postgres hangs',
      { checkDatabase: () => new Promise(() => undefined), withinMs: 20 },
      503,
      { postgres: 'unreachable' },
    ],
  ])('GET /readyz when %s', async (_, health, status, body) => {
    const { get } = await startApi({ health })

    const answer = await get('/readyz')

    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.text)).toMatchObject(body)
  })

  test('an error of ours is 500, and only the log knows what it was', async () => {
    const { get, log, reviews } = await startApi()
    reviews.list = () => Promise.reject(new Error('relation "reviews" does not exist'))

    const answer = await get('/api/reviews')

    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('relation')
    expect(log.lines).toEqual([expect.objectContaining({ level: 'error', text: 'request failed' })])
  })

  test('a route that is not there is 404 in JSON', async () => {
    const { get } = await startApi()

    expect(await get('/api/nothing')).toMatchObject({ status: 404, text: '{"error":"There is nothing here."}' })
  })
})
