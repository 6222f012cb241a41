// The API and health routes on a free port, over reviews and events in memory.
import { createAccess } from '../../src/http/access.ts'
import { createApi } from '../../src/http/api.ts'
import { createLiveness, createReadiness, type HealthOptions } from '../../src/http/health.ts'
import { createWebServer } from '../../src/http/server.ts'
import { createWebApp } from '../../src/http/web-app.ts'
import { createKeptLog } from '../support/log.ts'
import { ask, listening } from './listening.ts'
import { createReviewsInMemory } from './reviews-in-memory.ts'

/** Topics and who listens to them. Nothing is lost unless a test does not publish. */
export function createEventsInMemory() {
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

export async function startApi({
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
