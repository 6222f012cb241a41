// The web process: takes deliveries, shows the dashboard, answers the API. It never runs a review.
import { once } from 'node:events'
import type { Server } from 'node:http'
import { type Ground, runEntry } from './connect.ts'
import { maskTitle } from './checks/mask-secrets.ts'
import { createAssets, createDashboard } from './dashboard/dashboard.ts'
import { createFirstReview, firstReview, type FirstReviewOptions } from './dashboard/first-review.ts'
import { loginPage } from './dashboard/login-page.ts'
import { createQueuePage } from './dashboard/queue/queue.ts'
import type { DemoGitHub } from './demo/demo-github.ts'
import { replaySample } from './demo/replay-sample.ts'
import { sampleRepository } from './demo/sample.ts'
import { createApp, receiveDelivery } from './github/app-function.ts'
import { createGitHub, createProbot } from './github/client.ts'
import { createPublicGitHub, locateAnywhere } from './github/public/public-github.ts'
import { createAccess } from './http/access.ts'
import { createApi } from './http/api.ts'
import { createPlumblineClient } from './http/client.ts'
import { createLiveness, createReadiness } from './http/health.ts'
import { createLogin } from './http/login.ts'
import { createMetrics, createWebhookAnswers, type WebhookAnswers } from './http/metrics/metrics.ts'
import { parsePullRequestUrl } from './http/pull-request-url.ts'
import { parseReviewFilter } from './http/review-filter.ts'
import type { ReviewsApi } from './http/reviews-api.ts'
import { createWebServer, webhookPath } from './http/server.ts'
import { createSessions } from './http/session.ts'
import { startWebhookProxy } from './http/setup/webhook-proxy.ts'
import { createWebApp } from './http/web-app.ts'
import { createWebhookEdge, type Edge } from './http/webhook-edge.ts'
import { acceptHook } from './jobs/accept-hook.ts'
import type { Hook } from './jobs/hook.ts'
import { cancelReview, type PersonDeps, requestReview, retryReview } from './jobs/requests.ts'
import { settingsForWeb } from './set-up.ts'
import type { ReviewId } from './review/ids.ts'
import { createIntake } from './store/intake.ts'
import { createReviews } from './store/reviews.ts'
import { readFigures, stepBounds } from './store/watch/figures.ts'
import { failedReviews, lookAtQueue } from './store/watch/queue-look.ts'

export interface RunningWeb {
  /** Where it listens, without a slash at its end. */
  url: string
  /** No new connections; the requests under way are finished. */
  stop(): Promise<void>
}

/** With `demo`, which then stands behind `config.githubApiUrl`, the start page offers to replay the sample. */
export async function startWeb(ground: Ground, demo?: DemoGitHub): Promise<RunningWeb> {
  const { config, log } = ground
  const replay = demo && createReplay(ground, demo, () => portOf(server))
  const answers = createWebhookAnswers()
  const edge = answers.count(await createEdge(ground))
  const server = createWebServer({ edge, app: createPages(ground, answers, replay) })
  server.listen(config.web.port, config.web.host)
  await once(server, 'listening')
  const port = portOf(server)
  const url = `http://${config.web.host}:${port}`
  log.info({ url, model: config.model?.model ?? null }, 'listening')
  const source = config.webhookProxyUrl
  const target = `http://127.0.0.1:${port}${webhookPath}`
  const stopProxy = source === undefined ? undefined : await startWebhookProxy({ source, target, log })
  const stop = async (): Promise<void> => {
    await stopProxy?.()
    server.close()
    server.closeIdleConnections()
    // Event streams stay open for hours: whoever listens comes back to the next process.
    const patience = setTimeout(() => server.closeAllConnections(), 1000)
    await once(server, 'close')
    clearTimeout(patience)
  }
  return { url, stop }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

function createReplay({ db }: Ground, demo: DemoGitHub, port: () => number): () => Promise<ReviewId> {
  const store = createReviews(db)
  return () => {
    const ourselves = createPlumblineClient(`http://127.0.0.1:${port()}`, undefined)
    return replaySample({
      delivery: demo.delivery,
      deliver: async (delivery) => (await ourselves.deliver(delivery, demo.webhookSecret)).status,
      newest: async () => (await store.listReviews({ repo: sampleRepository, limit: 1 })).reviews[0],
    })
  }
}

async function createEdge({ config, db, log, promoting }: Ground): Promise<Edge> {
  const intake = createIntake(db, config.worker.gatherMs)
  const recordHook = async (hook: Hook) => intake.recordHook(hook.kind === 'review' ? await maskTitle(hook) : hook)
  const probot = createProbot({ appId: config.app.id, privateKey: config.app.privateKey, apiUrl: config.githubApiUrl })
  await probot.load(
    createApp({ log, record: (hook) => acceptHook(hook, { recordHook, promoteSoon: promoting.nudge, log }) }),
  )
  return createWebhookEdge({ secrets: config.webhookSecrets, log, receive: (event) => receiveDelivery(probot, event) })
}

function createPages(ground: Ground, answers: WebhookAnswers, replay: FirstReviewOptions['replay']) {
  const { config, db, events, log, queue } = ground
  const { dashboardPassword: password, host, publicUrl, sessionSecret } = config.web
  const { leaseMs } = config.worker
  const now = (): number => Date.now()
  const sessions = password === undefined ? undefined : createSessions({ password, secret: sessionSecret, now })
  const reviews = createReviewsApi(ground)
  const serverUrl = config.githubServerUrl
  // Asks for the right to write: a standby, and a server that was made read-only, refuse it. No row is locked.
  const checkDatabase = () => db.query('select from deliveries limit 0 for update')
  const ready = createReadiness({ checkDatabase, checkQueue: () => queue.depth() })
  const signedIn = sessions !== undefined
  const first = {
    reviews,
    parseUrl: (text: string) => parsePullRequestUrl(text, serverUrl),
    replay,
    model: config.model?.model,
    signedIn,
  }
  const page = { serverUrl, signedIn, now }
  const dashboard = createDashboard({ reviews, parseFilter: parseReviewFilter, intro: firstReview(first), ...page })
  const watching = [
    createQueuePage({
      look: () => lookAtQueue(db, leaseMs),
      failed: (atMost) => failedReviews(db, atMost),
      retry: reviews.retry,
      ...page,
    }),
    createMetrics({ figures: () => readFigures(db, leaseMs), stepBounds, depth: () => queue.depth(), answers }),
  ]
  return createWebApp({
    open: [createLiveness(), createAssets(), createLogin({ sessions, publicUrl, page: loginPage })],
    closed: [ready, createApi({ reviews, events, serverUrl, log }), createFirstReview(first), dashboard, ...watching],
    access: createAccess({ host, publicUrl, sessions, log }),
    log,
  })
}

function createReviewsApi({ config, db, events, log, promoting, queue }: Ground): ReviewsApi {
  const { id: appId, privateKey } = config.app
  const { leaseMs } = config.worker
  const readers = {
    app: createGitHub({ appId, privateKey, apiUrl: config.githubApiUrl, log }),
    anybody: createPublicGitHub({ apiUrl: config.publicApiUrl, token: config.githubToken }),
  }
  const store = createReviews(db)
  const intake = createIntake(db)
  const person: PersonDeps = {
    locate: (address) => locateAnywhere(readers, address, AbortSignal.timeout(15_000)),
    recordRequest: async (head) => intake.recordRequest(await maskTitle(head)),
    retryReview: intake.retry,
    cancelReview: intake.cancel,
    exists: async (id) => (await store.eventsSince(id, Number.MAX_SAFE_INTEGER)) !== undefined,
    promoteSoon: promoting.nudge,
    log,
  }
  return {
    list: store.listReviews,
    read: store.readReview,
    patches: store.readPatches,
    changesSince: store.eventsSince,
    request: (address) => requestReview(address, person),
    // Whoever else watches the review hears of it, too.
    retry: (id, among) => retryReview(id, among, person).finally(() => events.publish(id)),
    cancel: (id) => cancelReview(id, person).finally(() => events.publish(id)),
    queue: async () => ({ ...(await store.queueCounts(leaseMs)), stream: await queue.depth().catch(() => null) }),
  }
}

if (import.meta.main) await runEntry(settingsForWeb, async (ground) => (await startWeb(ground)).stop)
