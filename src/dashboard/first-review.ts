// The first review, before anything is set up: a sample that is replayed, or any public pull request that is only shown.
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { ParsedUrl } from '../http/pull-request-url.ts'
import type { ReviewsApi } from '../http/reviews-api.ts'
import type { ReviewId } from '../review/ids.ts'
import { type Html, layout, notice } from './layout.ts'

export interface FirstReviewOptions {
  reviews: Pick<ReviewsApi, 'request'>
  /** The API's: both take the same addresses. */
  parseUrl(text: string): ParsedUrl
  /** Delivers the sample to our own webhook route; missing where an App is configured. */
  replay: (() => Promise<ReviewId>) | undefined
  /** As the operator named it; `undefined` where none is configured. */
  model: string | undefined
  signedIn: boolean
}

/** `POST /first-review/sample` and `POST /first-review/url`. Both lead to the review's page. */
export function createFirstReview(options: FirstReviewOptions): Hono {
  const { parseUrl, replay, reviews } = options
  const routes = new Hono()
  if (replay) routes.post('/first-review/sample', async (c) => c.redirect(`/reviews/${await replay()}`, 303))
  routes.post('/first-review/url', async (c) => {
    const { url } = await c.req.parseBody()
    const parsed = parseUrl(typeof url === 'string' ? url : '')
    if (parsed.kind === 'mistake') return refuse(c, parsed.sentence, options)
    const requested = await reviews.request(parsed.address)
    return requested.kind === 'refused'
      ? refuse(c, requested.reason, options)
      : c.redirect(`/reviews/${requested.id}`, 303)
  })
  return routes
}

function refuse(c: Context, sentence: string, options: FirstReviewOptions): Response | Promise<Response> {
  const content = html`<h1>No review was started</h1>
    ${notice('problem', sentence)} ${firstReview(options)}`
  return c.html(layout({ title: 'No review was started', content, signedIn: options.signedIn }), 400)
}

/** For the start page. */
export function firstReview({ model, replay }: Pick<FirstReviewOptions, 'model' | 'replay'>): Html {
  const sample = html`<form method="post" action="/first-review/sample">
    <p>No GitHub App is configured. See what a review looks like, from the webhook to the comments:</p>
    <button>Replay a sample pull request</button>
  </form>`
  return html`<section class="first-review" aria-label="Try it">
    ${replay ? sample : ''}
    <form method="post" action="/first-review/url">
      <label for="url">Review a pull request by its address</label>
      <input id="url" name="url" type="url" required placeholder="https://github.com/owner/repo/pull/1" />
      <button>Review</button>
      <p class="hint">Where the App is not installed, the review is shown here and nothing is posted.</p>
    </form>
    <p class="hint">${byWhom(model)}</p>
  </section>`
}

function byWhom(model: string | undefined): Html {
  if (model === undefined)
    return html`No model is configured: only the built-in checks review. Set OPENAI_BASE_URL and OPENAI_MODEL for more.`
  if (model === 'mock') return html`The mock model reviews: fixed rules, no real model.`
  return html`The model ${model} reviews.`
}
