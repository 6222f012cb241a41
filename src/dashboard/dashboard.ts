import { readFileSync } from 'node:fs'
import { type Context, Hono } from 'hono'
import type { ParsedFilter } from '../http/review-filter.ts'
import type { Changed, ReviewsApi } from '../http/reviews-api.ts'
import { type ReviewId, reviewId } from '../review/ids.ts'
import { unreachable } from '../review/outcome.ts'
import type { Html } from './layout.ts'
import { noListPage, reviewListPage } from './review-list-page.ts'
import { noReviewPage, reviewPage } from './review-page.ts'

export interface DashboardOptions {
  reviews: Pick<ReviewsApi, 'list' | 'read' | 'patches' | 'queue' | 'retry' | 'cancel'>
  /** The API's: both take the same query. */
  parseFilter(query: Record<string, string[]>): ParsedFilter
  /** Stands above the newest reviews. */
  intro?: Html
  /** Without a slash at its end. */
  serverUrl: string
  /** Whether there is a password, and so a session to end. */
  signedIn: boolean
  /** Milliseconds since 1970. */
  now(): number
}

/** `GET /`, `GET /reviews/{id}`, and the buttons of a review's page: `POST /reviews/{id}/retry` and `…/cancel`. */
export function createDashboard(options: DashboardOptions): Hono {
  const { intro, now, parseFilter, reviews, serverUrl, signedIn } = options
  const dashboard = new Hono()

  dashboard.get('/', async (c) => {
    const parsed = parseFilter(c.req.queries())
    if (parsed.kind === 'mistake') return c.html(noListPage(parsed.sentence, signedIn), 400)
    const { filter } = parsed
    const [page, queue] = await Promise.all([reviews.list(filter), reviews.queue()])
    return c.html(reviewListPage({ page, queue, filter, intro, serverUrl, now: now(), signedIn }))
  })

  dashboard.get(onePath, (c) => showReview(c, options))
  dashboard.post(`${onePath}/retry`, async (c) => afterwards(c, await reviews.retry(idOf(c), 'alone'), options))
  dashboard.post(`${onePath}/cancel`, async (c) => afterwards(c, await reviews.cancel(idOf(c)), options))
  return dashboard
}

const onePath = '/reviews/:id{[1-9][0-9]{0,17}}'

/** The route's pattern lets nothing else through. */
const idOf = (c: Context): ReviewId => reviewId(c.req.param('id') ?? '')

async function showReview(c: Context, options: DashboardOptions, refusal?: string): Promise<Response> {
  const { now, reviews, serverUrl, signedIn } = options
  const detail = await reviews.read(idOf(c))
  if (!detail) return c.html(noReviewPage(signedIn), 404)
  const paths = new Set(detail.findings.map((finding) => finding.path))
  const patches = await reviews.patches(detail.review.id, [...paths])
  const page = reviewPage({ detail, patches, serverUrl, now: now(), signedIn, refusal })
  return c.html(page, refusal === undefined ? 200 : 409)
}

/** Back to the page, so that a reload does not press the button once more. */
function afterwards(c: Context, change: Changed, options: DashboardOptions): Response | Promise<Response> {
  switch (change.kind) {
    case 'done':
      return c.redirect(`/reviews/${idOf(c)}`, 303)
    case 'unknown':
      return c.html(noReviewPage(options.signedIn), 404)
    case 'refused':
      return showReview(c, options, change.reason)
    default:
      return unreachable(change)
  }
}

const assets = [
  { name: 'style.css', type: 'text/css; charset=utf-8' },
  { name: 'live.js', type: 'text/javascript; charset=utf-8' },
  { name: 'icon.svg', type: 'image/svg+xml' },
] as const

/** `GET /assets/…`: style, script and icon. The login page needs them, so they are open to everybody. */
export function createAssets(): Hono {
  const routes = new Hono()
  for (const { name, type } of assets) {
    const content = readFileSync(new URL(name, import.meta.url), 'utf8')
    const headers = { 'content-type': type, 'cache-control': 'public, max-age=300' }
    routes.get(`/assets/${name}`, (c) => c.body(content, 200, headers))
  }
  return routes
}
