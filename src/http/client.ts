// A running Plumbline, seen from the command line: over HTTP, like anybody else.
import { createHmac } from 'node:crypto'

export interface StoredDelivery {
  event: string
  guid: string
  payload: unknown
}

/** Any JSON object of the API. The command line prints what is there and does not insist on the rest. */
export type ApiObject = Record<string, unknown>

export interface PlumblineClient {
  /** Signs the delivery and posts it to the webhook route. Answers the HTTP status and the reply's text. */
  deliver(delivery: StoredDelivery, secret: string): Promise<{ status: number; text: string }>
  /** Newest first; `repo` is `owner/name`. */
  listReviews(repo: string): Promise<ApiObject[]>
  readReview(id: string): Promise<ApiObject>
  /** Answers the review's id. Throws the server's sentence when it refuses. */
  requestReview(prUrl: string): Promise<string>
  /** Whether a server of ours answers, whatever its state. */
  isThere(): Promise<boolean>
}

/** `baseUrl` without a slash at its end. Throws an `Error` that names the URL when nothing answers there. */
export function createPlumblineClient(baseUrl: string, password: string | undefined): PlumblineClient {
  const authorization = password === undefined ? {} : { authorization: `Bearer ${password}` }
  async function request(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(baseUrl + path, init)
    } catch (cause) {
      throw new Error(`nothing answers at ${baseUrl}: start the server, or name another one with --url`, { cause })
    }
  }
  async function get(path: string): Promise<ApiObject> {
    const response = await request(path, { headers: { ...authorization, accept: 'application/json' } })
    const body: unknown = await response.json().catch(() => undefined)
    if (!response.ok)
      throw new Error(`${path} answered ${response.status}: ${JSON.stringify(body ?? null).slice(0, 300)}`)
    return isObject(body) ? body : {}
  }
  return {
    async deliver(delivery, secret) {
      const body = JSON.stringify(delivery.payload)
      const response = await request('/api/github/webhooks', {
        method: 'POST',
        body,
        headers: signedHeaders(delivery, body, secret),
      })
      return { status: response.status, text: await response.text() }
    },
    async listReviews(repo) {
      const { reviews } = await get(`/api/reviews?repo=${encodeURIComponent(repo)}&limit=100`)
      return Array.isArray(reviews) ? reviews.filter(isObject) : []
    },
    readReview: (id) => get(`/api/reviews/${encodeURIComponent(id)}`),
    async requestReview(prUrl) {
      const headers = { ...authorization, 'content-type': 'application/json' }
      const body = JSON.stringify({ prUrl })
      return requestedId(await request('/api/reviews', { method: 'POST', headers, body }))
    },
    isThere: () => answers(`${baseUrl}/healthz`),
  }
}

async function requestedId(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined)
  const { error, id } = isObject(body) ? body : {}
  if (typeof id === 'string') return id
  throw new Error(typeof error === 'string' ? error : `the server answered ${response.status}`)
}

function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2000) }).then(
    (response) => response.ok,
    () => false,
  )
}

/** As GitHub signs. https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
function signedHeaders(delivery: StoredDelivery, body: string, secret: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'Plumbline-Replay',
    'x-github-event': delivery.event,
    'x-github-delivery': delivery.guid,
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  }
}

export function isObject(value: unknown): value is ApiObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
