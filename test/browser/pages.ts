// The pages and the API over reviews in memory, on a port that they come back to after a restart.
import { once } from 'node:events'
import type { Server } from 'node:http'
import { onTestFinished } from 'vitest'
import { createAssets, createDashboard } from '../../src/dashboard/dashboard.ts'
import { loginPage } from '../../src/dashboard/login-page.ts'
import { createQueuePage } from '../../src/dashboard/queue/queue.ts'
import { createAccess } from '../../src/http/access.ts'
import { createApi } from '../../src/http/api.ts'
import { createLogin } from '../../src/http/login.ts'
import { parseReviewFilter } from '../../src/http/review-filter.ts'
import { createWebServer } from '../../src/http/server.ts'
import { createSessions } from '../../src/http/session.ts'
import { createWebApp } from '../../src/http/web-app.ts'
import type { QueueLook } from '../../src/store/watch/queue-look.ts'
import { looked } from '../dashboard/queue/queue-sample.ts'
import { createEventsInMemory } from '../http/api-server.ts'
import { createReviewsInMemory, type ReviewsInMemory } from '../http/reviews-in-memory.ts'
import { createKeptLog } from '../support/log.ts'

export interface Pages {
  reviews: ReviewsInMemory
  /** Tells whoever listens that the review changed. */
  publish(id: string): void
  listeners(id: string): number
  url: string
  /** Ends every connection and accepts no new one. */
  stop(): Promise<void>
  /** A new process would be the same: nothing but the reviews is kept. */
  start(): Promise<void>
}

export interface PagesOptions {
  password?: string
  /** Milliseconds since 1970. */
  now?: number
  /** What the queue's page shows. */
  queue?: QueueLook
}

export async function startPages(options: PagesOptions = {}): Promise<Pages> {
  const reviews = createReviewsInMemory()
  const events = createEventsInMemory()
  let server: Server = createServer(reviews, events, options)
  let port = 0
  async function start(): Promise<void> {
    server = createServer(reviews, events, options)
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    port = typeof address === 'object' && address ? address.port : 0
  }
  async function stop(): Promise<void> {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  await start()
  onTestFinished(stop)
  return {
    reviews,
    publish: events.publish,
    listeners: events.listeners,
    url: `http://127.0.0.1:${port}`,
    stop,
    start,
  }
}

function createServer(
  reviews: ReviewsInMemory,
  events: ReturnType<typeof createEventsInMemory>,
  { now, password, queue = looked([]) }: PagesOptions,
): Server {
  const log = createKeptLog()
  const clock = now === undefined ? Date.now : () => now
  const sessions = password === undefined ? undefined : createSessions({ password, secret: undefined, now: Date.now })
  const serverUrl = 'https://github.example.com'
  const access = createAccess({ host: '127.0.0.1', publicUrl: undefined, sessions, log })
  const signedIn = sessions !== undefined
  const dashboard = createDashboard({ reviews, parseFilter: parseReviewFilter, serverUrl, signedIn, now: clock })
  const failed = async () => queue.reviews.filter((review) => review.place === 'failed').map((review) => review.id)
  const queuePage = createQueuePage({
    look: async () => queue,
    failed,
    retry: reviews.retry,
    serverUrl,
    signedIn,
    now: clock,
  })
  const api = createApi({ reviews, events, serverUrl, log })
  const login = createLogin({ sessions, publicUrl: undefined, page: loginPage })
  const app = createWebApp({ access, open: [createAssets(), login], closed: [api, dashboard, queuePage], log })
  return createWebServer({ edge: (_, response) => response.end(), app })
}
