import { type Context, Hono } from 'hono'
import type { Changed } from '../../http/reviews-api.ts'
import type { Among } from '../../jobs/requests.ts'
import { type ReviewId, reviewId } from '../../review/ids.ts'
import type { QueueLook } from '../../store/watch/queue-look.ts'
import { mostRetried, queuePage } from './queue-page.ts'

export interface QueuePageOptions {
  look(): Promise<QueueLook>
  /** The last that failed. */
  failed(atMost: number): Promise<ReviewId[]>
  retry(id: ReviewId, among: Among): Promise<Changed>
  /** Without a slash at its end. */
  serverUrl: string
  signedIn: boolean
  /** Milliseconds since 1970. */
  now(): number
}

/** `GET /queue`, and its buttons: `POST /queue/retry` for all that failed, `POST /queue/retry/{id}` for one. */
export function createQueuePage(options: QueuePageOptions): Hono {
  const { failed, retry } = options
  return new Hono()
    .get('/queue', (c) => show(c, options))
    .post('/queue/retry/:id{[1-9][0-9]{0,17}}', async (c) =>
      afterwards(c, [await retry(reviewId(c.req.param('id')), 'alone')], options),
    )
    .post('/queue/retry', async (c) => {
      const changes: Changed[] = []
      // One after the other: each is a transaction, and deliveries want connections, too.
      for (const id of await failed(mostRetried)) changes.push(await retry(id, 'many'))
      return afterwards(c, changes, options)
    })
}

async function show(c: Context, options: QueuePageOptions, refusal?: string): Promise<Response> {
  const { look, now, serverUrl, signedIn } = options
  const page = queuePage({ look: await look(), now: now(), serverUrl, signedIn, refusal })
  return c.html(page, refusal === undefined ? 200 : 409)
}

/** Back to the page, so that a reload does not press the button once more; or the page with why something stayed. */
function afterwards(c: Context, changes: Changed[], options: QueuePageOptions): Response | Promise<Response> {
  const stayed = changes.filter((change) => change.kind !== 'done')
  const [first] = stayed
  if (!first) return c.redirect('/queue', 303)
  const reason = first.kind === 'refused' ? first.reason : 'There is no review with this number.'
  const counted = changes.length === 1 ? '' : `${changes.length - stayed.length} wait again, ${stayed.length} do not. `
  return show(c, options, counted + reason)
}
