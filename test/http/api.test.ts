import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAccess } from '../../src/http/access.ts'
import { createApi } from '../../src/http/api.ts'
import { createLiveness, createReadiness, type HealthOptions } from '../../src/http/health.ts'
import { createWebServer } from '../../src/http/server.ts'
import { createWebApp } from '../../src/http/web-app.ts'
import { reviewId } from '../../src/review/ids.ts'
import { createKeptLog } from '../support/log.ts'
import { ask, listening } from './listening.ts'
import { createReviewsInMemory, finding, span } from './reviews-in-memory.ts'

/** Topics and who listens to them. Nothing is lost unless a test does not publish. */
function createEventsInMemory() {
  const heard = new Map<string, Set<() => void>>()
  return {
    listeners: (topic: string) => heard.get(topic)?.size ?? 0,
    publish(topic: string) {
      for (const hear of heard.get(topic) ?? []) hear()
    },
    async subscribe(topic: string, hear: () => void) {
      const all = heard.get(topic) ?? new Set()
      heard.set(topic, all.add(hear))
      return async () => void all.delete(hear)
    },
  }
}

async function startApi({
  health = {},
  heartbeatMs = 60_000,
}: { health?: Partial<HealthOptions>; heartbeatMs?: number } = {}) {
  const reviews = createReviewsInMemory()
  const events = createEventsInMemory()
  const log = createKeptLog()
  const api = createApi({ reviews, events, serverUrl: 'https://github.com', log, heartbeatMs })
  const readiness = createReadiness({ checkDatabase: async () => 1, checkQueue: async () => 1, ...health })
  const access = createAccess({ host: '127.0.0.1', publicUrl: undefined, sessions: undefined, log })
  const app = createWebApp({ access, open: [createLiveness()], closed: [api, readiness], log })
  const { port, url } = await listening(createWebServer({ edge: (_, response) => response.end(), app }))
  const send = (path: string, body?: string) =>
    ask(port, path, body === undefined ? { method: 'POST' } : { method: 'POST', body })
  return { reviews, events, log, port, url, send, get: (path: string) => ask(port, path) }
}

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

/** Reads a stream of events until told otherwise. */
async function follow(url: string, headers: Record<string, string> = {}) {
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const response = await fetch(url, { headers, signal: controller.signal })
  const blocks: string[] = []
  let text = ''
  const reading = (async () => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      blocks.splice(0, blocks.length, ...text.split('\n\n').slice(0, -1))
    }
  })().catch(() => undefined)
  const events = () =>
    blocks
      .filter((block) => block.startsWith('event:'))
      .map((block) => {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
        return { event: field('event'), id: field('id'), data: JSON.parse(field('data') ?? 'null') }
      })
  return { response, blocks, events, ended: reading, leave: () => controller.abort() }
}

describe('GET /api/reviews/{id}/events', () => {
  test('an id that is none of ours is refused', async () => {
    const { port, reviews } = await startApi()
    reviews.add()

    const answer = await ask(port, '/api/reviews/1/events', { headers: { 'last-event-id': 'x' } })

    expect(answer.status).toBe(400)
  })

  test('sends the state, then each step with the counter as its id', async () => {
    const { reviews, url } = await startApi()
    const id = reviews.add({ status: 'running' })
    reviews.putSpan(id, span({ key: 'read-change' }))
    reviews.putSpan(id, span({ key: 'review', status: 'running' }))

    const stream = await follow(`${url}/api/reviews/1/events`)

    expect(stream.response.headers.get('content-type')).toContain('text/event-stream')
    await vi.waitFor(() =>
      expect(stream.events()).toMatchObject([
        { event: 'review', id: undefined, data: { id: '1', status: 'running' } },
        { event: 'step', id: '2', data: { key: 'read-change' } },
        { event: 'step', id: '3', data: { key: 'review', status: 'running' } },
      ]),
    )
  })

  test('sends what changes while somebody listens, once each', async () => {
    const { events, reviews, url } = await startApi()
    const id = reviews.add({ status: 'queued' })
    const stream = await follow(`${url}/api/reviews/1/events`)
    await vi.waitFor(() => expect(stream.events()).toHaveLength(1))

    reviews.change(id, { status: 'running' })
    events.publish('1')
    await vi.waitFor(() => expect(stream.events()).toHaveLength(2))
    reviews.putSpan(id, span({ key: 'review', status: 'running' }))
    reviews.putSpan(id, span({ key: 'review', status: 'finished' }))
    events.publish('1')
    events.publish('1')
    events.publish('2')
    await vi.waitFor(() => expect(stream.events()).toHaveLength(4))
    await nextTurn()

    expect(stream.events()).toMatchObject([
      { event: 'review', data: { status: 'queued' } },
      { event: 'review', data: { status: 'running' } },
      { event: 'review', data: { eventSeq: 4 } },
      { event: 'step', id: '4', data: { key: 'review', status: 'finished' } },
    ])
  })

  test('goes on after the last id a listener had', async () => {
    const { reviews, url } = await startApi()
    const id = reviews.add({ status: 'running' })
    for (const key of ['one', 'two', 'three']) reviews.putSpan(id, span({ key }))

    const stream = await follow(`${url}/api/reviews/1/events`, { 'last-event-id': '3' })

    await vi.waitFor(() =>
      expect(stream.events()).toMatchObject([{ event: 'review' }, { event: 'step', id: '4', data: { key: 'three' } }]),
    )
  })

  test('a change between subscribing and reading is not missed', async () => {
    const { events, reviews, url } = await startApi()
    const id = reviews.add({ status: 'queued' })
    const { changesSince } = reviews
    let reads = 0
    reviews.changesSince = async (...args) => {
      const changes = await changesSince(...args)
      if (++reads === 2) {
        reviews.change(id, { status: 'running' })
        events.publish('1')
      }
      return changes
    }

    const stream = await follow(`${url}/api/reviews/1/events`)

    await vi.waitFor(() => expect(stream.events().map((event) => event.data.status)).toEqual(['queued', 'running']))
  })

  test('a lost hint is made good at the next heartbeat, which is a comment', async () => {
    const { reviews, url } = await startApi({ heartbeatMs: 20 })
    const id = reviews.add({ status: 'queued' })
    const stream = await follow(`${url}/api/reviews/1/events`)
    await vi.waitFor(() => expect(stream.blocks).toContain(':'))

    reviews.change(id, { status: 'running' })

    await vi.waitFor(() => expect(stream.events().at(-1)?.data.status).toBe('running'))
  })

  test('a listener who leaves is forgotten', async () => {
    const { events, reviews, url } = await startApi()
    reviews.add()
    const stream = await follow(`${url}/api/reviews/1/events`)
    await vi.waitFor(() => expect(events.listeners('1')).toBe(1))

    stream.leave()

    await vi.waitFor(() => expect(events.listeners('1')).toBe(0))
  })

  test('when the record cannot be read, the stream ends and says nothing of why', async () => {
    const { events, log, reviews, url } = await startApi()
    reviews.add()
    const stream = await follow(`${url}/api/reviews/1/events`)
    await vi.waitFor(() => expect(stream.events()).toHaveLength(1))

    reviews.changesSince = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.5:5432'))
    events.publish('1')
    await stream.ended

    expect(stream.blocks.join()).not.toContain('ECONNREFUSED')
    expect(log.lines).toEqual([expect.objectContaining({ level: 'warn', text: 'event stream ended' })])
    expect(events.listeners('1')).toBe(0)
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
