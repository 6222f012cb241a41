// The API: JSON in, JSON out. Errors are `{error: "a sentence"}`.
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { streamSSE } from 'hono/streaming'
import type { Log } from '../jobs/ports.ts'
import type { Events } from '../queue/events.ts'
import { type ReviewId, reviewId } from '../review/ids.ts'
import { unreachable } from '../review/outcome.ts'
import { parsePullRequestUrl } from './pull-request-url.ts'
import { sendReviewEvents } from './review-events.ts'
import { parseReviewFilter } from './review-filter.ts'
import type { Changed, ReviewsApi } from './reviews-api.ts'

export interface ApiOptions {
  reviews: ReviewsApi
  events: Pick<Events, 'subscribe'>
  /** Only pull requests of this server can be asked for. Without a slash at its end. */
  serverUrl: string
  log: Log
  /** A comment on idle event streams. 15 s: half of what usual proxies wait. */
  heartbeatMs?: number
}

export function createApi(options: ApiOptions): Hono {
  const { reviews } = options
  const api = new Hono()

  api.post('/api/reviews', bodyLimit({ maxSize: 64 * 1024 }), (c) => requestReview(c, options))

  api.get('/api/reviews', async (c) => {
    const parsed = parseReviewFilter(c.req.queries())
    return parsed.kind === 'mistake' ? mistake(c, parsed.sentence) : c.json(await reviews.list(parsed.filter))
  })

  api.get('/api/reviews/:id', async (c) => {
    const id = idOf(c)
    const detail = id && (await reviews.read(id))
    // The list says how many findings there are; one review says which.
    return detail ? c.json({ ...detail.review, findings: detail.findings, spans: detail.spans }) : noSuchReview(c)
  })

  api.get('/api/reviews/:id/events', (c) => listen(c, options))

  api.post('/api/reviews/:id/retry', async (c) => {
    const id = idOf(c)
    return id ? changed(c, { id, change: await reviews.retry(id, 'alone'), status: 'queued' }) : noSuchReview(c)
  })

  api.post('/api/reviews/:id/cancel', async (c) => {
    const id = idOf(c)
    return id ? changed(c, { id, change: await reviews.cancel(id), status: 'cancelled' }) : noSuchReview(c)
  })

  api.get('/api/queue', async (c) => c.json(await reviews.queue()))
  return api
}

async function requestReview(c: Context, { reviews, serverUrl }: ApiOptions): Promise<Response> {
  const body: unknown = await c.req.json().catch(() => undefined)
  if (typeof body !== 'object' || body === null || !('prUrl' in body) || typeof body.prUrl !== 'string')
    return mistake(c, `Send a JSON object like {"prUrl": "${serverUrl}/octo-org/hello-world/pull/1"}.`)
  const parsed = parsePullRequestUrl(body.prUrl, serverUrl)
  if (parsed.kind === 'mistake') return mistake(c, parsed.sentence)
  const requested = await reviews.request(parsed.address)
  if (requested.kind === 'refused') return mistake(c, requested.reason)
  return c.json({ id: requested.id, status: 'queued' }, 202)
}

async function listen(c: Context, { events, heartbeatMs = 15_000, log, reviews }: ApiOptions): Promise<Response> {
  const id = idOf(c)
  if (!id || !(await reviews.changesSince(id, Number.MAX_SAFE_INTEGER))) return noSuchReview(c)
  const last = c.req.header('last-event-id') ?? '0'
  if (!/^\d{1,15}$/.test(last)) return mistake(c, 'Last-Event-ID is not one of our ids.')
  // nginx would collect events until its buffer is full.
  c.header('x-accel-buffering', 'no')
  return streamSSE(c, async (stream) => {
    const sent = sendReviewEvents(stream, { id, after: Number(last) }, { reviews, events, heartbeatMs })
    // The browser connects again by itself, and its reason is not for the page.
    await sent.catch((error: unknown) => log.warn({ review: id, err: error }, 'event stream ended'))
  })
}

function changed(c: Context, { change, id, status }: { change: Changed; id: ReviewId; status: string }): Response {
  switch (change.kind) {
    case 'done':
      return c.json({ id, status }, 202)
    case 'unknown':
      return noSuchReview(c)
    case 'refused':
      return c.json({ error: change.reason }, 409)
    default:
      return unreachable(change)
  }
}

function idOf(c: Context): ReviewId | undefined {
  try {
    return reviewId(c.req.param('id') ?? '')
  } catch {
    return undefined // whatever is no id names no review
  }
}

const noSuchReview = (c: Context): Response => c.json({ error: 'There is no review with this id.' }, 404)
const mistake = (c: Context, sentence: string): Response => c.json({ error: sentence }, 400)
