// `GET /metrics` in Prometheus's text format. https://prometheus.io/docs/instrumenting/exposition_formats/
//
// What must always hold: everything but the webhook's answers is read from the record and the queue when it is asked for, so
// any web process answers the same, and none of them forgets when it starts anew.
import { Hono } from 'hono'
import { Counter, Gauge, Registry } from 'prom-client'
import type { Depth } from '../../queue/queue.ts'
import type { Figures, SweepFigures } from '../../store/watch/figures.ts'
import type { Edge } from '../webhook-edge.ts'
import { StepHistogram } from './step-histogram.ts'

export interface MetricsOptions {
  figures(): Promise<Figures>
  /** Upper bounds of `StepFigures.within`, in seconds. */
  stepBounds: readonly number[]
  /** Rejects when the queue cannot be reached. */
  depth(): Promise<Depth>
  answers: WebhookAnswers
}

/** What this process answered to deliveries, since it started. */
export interface WebhookAnswers {
  /** The same edge, counted. */
  count(edge: Edge): Edge
  readonly counter: Counter
}

export function createWebhookAnswers(): WebhookAnswers {
  const name = 'plumbline_webhook_answers_total'
  const help = 'Answers of this process to deliveries, by HTTP status.'
  const counter = new Counter({ name, help, labelNames: ['status'], registers: [] })
  return {
    counter,
    count: (edge) => (request, response) => {
      response.once('finish', () => counter.inc({ status: response.statusCode }))
      edge(request, response)
    },
  }
}

/** Whoever asks while somebody is being answered gets the same answer: the journal is counted once. */
export function createMetrics(options: MetricsOptions): Hono {
  let underWay: Promise<string> | undefined
  return new Hono().get('/metrics', async (c) => {
    underWay ??= write(options).finally(() => {
      underWay = undefined
    })
    return c.body(await underWay, 200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE })
  })
}

async function write({ answers, depth, figures, stepBounds }: MetricsOptions): Promise<string> {
  const [read, queue] = await Promise.all([figures(), depth().catch(() => undefined)])
  const registry = new Registry()
  for (const { help, name, values } of [
    ...ofReviews(read),
    ...ofModel(read),
    ...ofWork(read),
    ...ofSweeps(read),
    ...ofQueue(queue),
  ]) {
    const kind = name.endsWith('_total') ? Counter : Gauge
    const metric = new kind({ name, help, labelNames: [...labels], registers: [registry] })
    for (const [label, value] of values) metric.inc(label, value)
  }
  registry.registerMetric(new StepHistogram(read.steps, stepBounds))
  registry.registerMetric(answers.counter)
  return registry.metrics()
}

const labels = ['status', 'state', 'kind', 'installation', 'sweep'] as const
type Label = Partial<Record<(typeof labels)[number], string>>

interface Metric {
  name: string
  help: string
  values: [Label, number][]
}

function ofReviews({ backlog, reviews }: Figures): Metric[] {
  return [
    {
      name: 'plumbline_reviews',
      help: 'Reviews on the record, by status.',
      values: reviews.map(({ count, status }) => [{ status }, count]),
    },
    {
      name: 'plumbline_waiting_reviews',
      help: 'Reviews that wait: due now, or later.',
      values: byState({ due: backlog.due, later: backlog.later }),
    },
    {
      name: 'plumbline_oldest_waiting_seconds',
      help: 'How long the review that is due longest has waited.',
      values: [[{}, backlog.oldestSeconds]],
    },
    {
      name: 'plumbline_silent_reviews',
      help: 'Running reviews without a sign of life for a lease.',
      values: [[{}, backlog.silent]],
    },
    {
      name: 'plumbline_check_runs_behind',
      help: 'Check runs that GitHub does not show as they should be; "refused" is a part of "due".',
      values: byState({
        due: backlog.checkRunsDue,
        refused: backlog.checkRunsRefused,
        given_up: backlog.checkRunsGivenUp,
      }),
    },
  ]
}

function ofModel({ paid }: Figures): Metric[] {
  return [
    {
      name: 'plumbline_model_tokens_total',
      help: 'Tokens paid for. "cached" is a part of "input".',
      values: byKind({ input: paid.input, output: paid.output, cached: paid.cached }),
    },
    {
      name: 'plumbline_model_cost_usd_total',
      help: 'What the model cost, in US dollars.',
      values: [[{}, paid.costUsd]],
    },
  ]
}

function ofWork({ rejectedEntries, steps, workers, writes }: Figures): Metric[] {
  const served = steps.filter((step) => step.status === 'finished')
  return [
    { name: 'plumbline_workers', help: 'Workers by sign of life.', values: byState(pick(workers)) },
    { name: 'plumbline_worker_slots', help: 'Reviews that can run at once.', values: [[{}, workers.slots]] },
    {
      name: 'plumbline_worker_loop_age_seconds',
      help: 'The oldest sign of life of a worker that is alive.',
      values: [[{}, workers.loopAgeSeconds]],
    },
    {
      name: 'plumbline_github_writes_last_hour',
      help: 'Content written to GitHub in the last hour, by installation.',
      values: writes.map(({ count, installation }) => [{ installation }, count]),
    },
    {
      name: 'plumbline_steps_served_total',
      help: 'Finished steps that the journal returned instead of running them again.',
      values: served.map((step) => [{ kind: step.kind }, step.served]),
    },
    {
      name: 'plumbline_rejected_entries_total',
      help: 'Stream entries that could not be understood.',
      values: [[{}, rejectedEntries]],
    },
  ]
}

function ofSweeps({ sweeps }: Figures): Metric[] {
  const bySweep = (value: (one: SweepFigures) => number): Metric['values'] =>
    sweeps.map((one) => [{ sweep: one.name }, value(one)])
  return [
    {
      name: 'plumbline_sweep_age_seconds',
      help: 'How long ago the last turn of a sweep ended.',
      values: bySweep((one) => one.ageSeconds),
    },
    {
      name: 'plumbline_sweep_seconds',
      help: 'How long the last turn of a sweep took.',
      values: bySweep((one) => one.seconds),
    },
    {
      name: 'plumbline_sweep_failures_total',
      help: 'Turns of a sweep that failed or were cut off.',
      values: bySweep((one) => one.failures),
    },
    {
      name: 'plumbline_sweep_did',
      help: 'What the last turn of a sweep did that did not fail, counted.',
      values: sweeps.flatMap(({ did, name }) =>
        Object.entries(did).map(([kind, value]): [Label, number] => [{ sweep: name, kind }, value]),
      ),
    },
  ]
}

function ofQueue(queue: Depth | undefined): Metric[] {
  const entries = queue && { waiting: queue.waiting, pending: queue.pending, later: queue.dueLater }
  return [
    { name: 'plumbline_queue_up', help: '1 when the queue answers.', values: [[{}, queue ? 1 : 0]] },
    {
      name: 'plumbline_queue_entries',
      help: 'Stream entries: not read yet, pending, and those of the pending with a due time ahead.',
      values: byState(entries ?? {}),
    },
  ]
}

const pick = ({ alive, silent }: Figures['workers']): Record<string, number> => ({ alive, silent })
const byState = (values: Record<string, number>): [Label, number][] =>
  Object.entries(values).map(([state, value]) => [{ state }, value])
const byKind = (values: Record<string, number>): [Label, number][] =>
  Object.entries(values).map(([kind, value]) => [{ kind }, value])
