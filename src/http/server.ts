import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Edge } from './webhook-edge.ts'

export interface WebServerOptions {
  /** Answers `webhookPath`. */
  edge: Edge
  /** Answers everything else. */
  app: Pick<Hono, 'fetch'>
}

export const webhookPath = '/api/github/webhooks'

/** The caller listens and closes. */
export function createWebServer({ app, edge }: WebServerOptions): Server {
  const pages = getRequestListener(app.fetch)
  const server = createServer(
    {
      headersTimeout: 5000,
      // Whole requests; the webhook route has its own, shorter limit for the body.
      requestTimeout: 30_000,
      // Both limits are only looked at this often; Node's default of 30 s would be the real limit.
      connectionsCheckingInterval: 1000,
      // Longer than the 60 s of usual reverse proxies: who keeps a connection longer must not be the one who reuses it.
      keepAliveTimeout: 65_000,
    },
    (request, response) => {
      if (request.url?.split('?', 1)[0] === webhookPath) return edge(request, response)
      void pages(request, response)
    },
  )
  // Far above what GitHub and some browsers open, and low enough that strangers' idle sockets stay cheap.
  server.maxConnections = 2000
  return server
}
