import { expect, test } from 'vitest'
import { createMetrics, createWebhookAnswers } from '../../../src/http/metrics/metrics.ts'
import { createAccess } from '../../../src/http/access.ts'
import { createWebServer } from '../../../src/http/server.ts'
import { createWebApp } from '../../../src/http/web-app.ts'
import type { Depth } from '../../../src/queue/queue.ts'
import type { Figures } from '../../../src/store/watch/figures.ts'
import { createKeptLog } from '../../support/log.ts'
import { ask, listening } from '../listening.ts'

const figures: Figures = {
  reviews: [{ status: 'published', count: 12 }],
  backlog: {
    due: 3,
    later: 1,
    oldestSeconds: 42.5,
    silent: 0,
    checkRunsDue: 2,
    checkRunsRefused: 1,
    checkRunsGivenUp: 4,
  },
  workers: { alive: 2, silent: 1, slots: 8, loopAgeSeconds: 1.5 },
  paid: { input: 1000, output: 200, cached: 600, costUsd: 0.5 },
  steps: [{ kind: 'model', status: 'finished', count: 3, seconds: 33, within: [1, 2], served: 4 }],
  writes: [{ installation: '77', count: 9 }],
  sweeps: [{ name: 'leftover drafts', ageSeconds: 12, seconds: 0.5, did: { deleted: 3 }, failures: 1 }],
  rejectedEntries: 0,
}

async function startMetrics(over: { figures?: () => Promise<Figures>; depth?: () => Promise<Depth> } = {}) {
  const log = createKeptLog()
  const answers = createWebhookAnswers()
  const metrics = createMetrics({
    figures: async () => figures,
    stepBounds: [1, 10],
    depth: async () => ({ length: 6, waiting: 3, pending: 2, dueLater: 1 }),
    answers,
    ...over,
  })
  const access = createAccess({ host: '127.0.0.1', publicUrl: undefined, sessions: undefined, log })
  const app = createWebApp({ access, open: [], closed: [metrics], log })
  const edge = answers.count((_, response) => void response.writeHead(202).end())
  const { port } = await listening(createWebServer({ edge, app }))
  return { port, lines: async () => (await ask(port, '/metrics')).text.split('\n') }
}

test('when the record cannot be read, nothing is made up', async () => {
  const { port } = await startMetrics({ figures: () => Promise.reject(new Error('no Postgres')) })

  const answer = await ask(port, '/metrics')

  expect(answer.status).toBe(500)
  expect(answer.text).not.toContain('plumbline_')
})

test('after a failure the next one is answered', async () => {
  const results = [Promise.reject(new Error('no Postgres')), Promise.resolve(figures)]
  results[0]?.catch(() => undefined)
  const { port } = await startMetrics({ figures: () => results.shift() ?? Promise.resolve(figures) })

  const statuses = [(await ask(port, '/metrics')).status, (await ask(port, '/metrics')).status]

  expect(statuses).toEqual([500, 200])
})

test('a queue that cannot be reached is said, and the rest is answered', async () => {
  const { lines } = await startMetrics({ depth: () => Promise.reject(new Error('no Redis')) })

  const read = await lines()

  expect(read).toContain('plumbline_queue_up 0')
  expect(read.filter((line) => line.startsWith('plumbline_queue_entries'))).toEqual([])
  expect(read).toContain('plumbline_reviews{status="published"} 12')
})

test('nobody from elsewhere reads them without the password', async () => {
  const { port } = await startMetrics()

  const answer = await ask(port, '/metrics', { headers: { host: 'plumbline.example.com' } })

  expect(answer.status).toBe(403)
})

test('every figure has its line', async () => {
  const { lines } = await startMetrics()

  const read = await lines()

  expect(read.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    'plumbline_reviews{status="published"} 12',
    'plumbline_waiting_reviews{state="due"} 3',
    'plumbline_waiting_reviews{state="later"} 1',
    'plumbline_oldest_waiting_seconds 42.5',
    'plumbline_silent_reviews 0',
    'plumbline_check_runs_behind{state="due"} 2',
    'plumbline_check_runs_behind{state="refused"} 1',
    'plumbline_check_runs_behind{state="given_up"} 4',
    'plumbline_model_tokens_total{kind="input"} 1000',
    'plumbline_model_tokens_total{kind="output"} 200',
    'plumbline_model_tokens_total{kind="cached"} 600',
    'plumbline_model_cost_usd_total 0.5',
    'plumbline_workers{state="alive"} 2',
    'plumbline_workers{state="silent"} 1',
    'plumbline_worker_slots 8',
    'plumbline_worker_loop_age_seconds 1.5',
    'plumbline_github_writes_last_hour{installation="77"} 9',
    'plumbline_steps_served_total{kind="model"} 4',
    'plumbline_rejected_entries_total 0',
    'plumbline_sweep_age_seconds{sweep="leftover drafts"} 12',
    'plumbline_sweep_seconds{sweep="leftover drafts"} 0.5',
    'plumbline_sweep_failures_total{sweep="leftover drafts"} 1',
    'plumbline_sweep_did{sweep="leftover drafts",kind="deleted"} 3',
    'plumbline_queue_up 1',
    'plumbline_queue_entries{state="waiting"} 3',
    'plumbline_queue_entries{state="pending"} 2',
    'plumbline_queue_entries{state="later"} 1',
    'plumbline_step_seconds_bucket{le="1",kind="model",status="finished"} 1',
    'plumbline_step_seconds_bucket{le="10",kind="model",status="finished"} 2',
    'plumbline_step_seconds_bucket{le="+Inf",kind="model",status="finished"} 3',
    'plumbline_step_seconds_sum{kind="model",status="finished"} 33',
    'plumbline_step_seconds_count{kind="model",status="finished"} 3',
  ])
  expect(read).toContain('# TYPE plumbline_step_seconds histogram')
  expect(read).toContain('# TYPE plumbline_model_tokens_total counter')
  expect(read).toContain('# TYPE plumbline_reviews gauge')
})

test('answers to deliveries are counted by status', async () => {
  const { lines, port } = await startMetrics()
  await ask(port, '/api/github/webhooks', { method: 'POST' })
  await ask(port, '/api/github/webhooks', { method: 'POST' })

  const read = await lines()

  expect(read).toContain('plumbline_webhook_answers_total{status="202"} 2')
})

test('who asks while somebody is being answered causes no second count', async () => {
  const gate = Promise.withResolvers<Figures>()
  let counted = 0
  const { port } = await startMetrics({ figures: () => (counted++, gate.promise) })

  const first = ask(port, '/metrics')
  const second = ask(port, '/metrics')
  const third = ask(port, '/nothing')
  await third
  gate.resolve(figures)

  expect([(await first).status, (await second).status, counted]).toEqual([200, 200, 1])
})
