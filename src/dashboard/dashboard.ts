import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import type { ParsedFilter } from '../http/review-filter.ts'
import type { ReviewsApi } from '../http/reviews-api.ts'
import { reviewId } from '../review/ids.ts'
import { layout, notice } from './layout.ts'
import { reviewListPage } from './review-list-page.ts'
import { noReviewPage, reviewPage } from './review-page.ts'

export interface DashboardOptions {
  reviews: Pick<ReviewsApi, 'list' | 'read' | 'queue'>
  /** The API's: both take the same query. */
  parseFilter(query: Record<string, string[]>): ParsedFilter
  /** Without a slash at its end. */
  serverUrl: string
  /** Whether there is a password, and so a session to end. */
  signedIn: boolean
  /** Milliseconds since 1970. */
  now(): number
}

/** `GET /` and `GET /reviews/{id}`. */
export function createDashboard({ now, parseFilter, reviews, serverUrl, signedIn }: DashboardOptions): Hono {
  const dashboard = new Hono()

  dashboard.get('/', async (c) => {
    const parsed = parseFilter(c.req.queries())
    if (parsed.kind === 'mistake')
      return c.html(layout({ title: 'Reviews', content: notice('problem', parsed.sentence), signedIn }), 400)
    const { filter } = parsed
    const [page, queue] = await Promise.all([reviews.list(filter), reviews.queue()])
    return c.html(reviewListPage({ page, queue, filter, serverUrl, now: now(), signedIn }))
  })

  dashboard.get('/reviews/:id{[1-9][0-9]{0,17}}', async (c) => {
    const detail = await reviews.read(reviewId(c.req.param('id')))
    if (!detail) return c.html(noReviewPage(signedIn), 404)
    return c.html(reviewPage({ detail, serverUrl, now: now(), signedIn }))
  })
  return dashboard
}

/** `GET /assets/style.css`. The login page needs it, so it is open to everybody. */
export function createAssets(): Hono {
  const style = readFileSync(new URL('style.css', import.meta.url), 'utf8')
  const headers = { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=300' }
  return new Hono().get('/assets/style.css', (c) => c.body(style, 200, headers))
}
