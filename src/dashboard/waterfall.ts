// The journal as a waterfall: one group for each attempt, because hours may lie between two of them.
import { html } from 'hono/html'
import type { ReviewDetail, SpanRow } from '../store/review-row.ts'
import { count, duration, nothing, plural, usd } from './figures.ts'
import { type Html, pill } from './layout.ts'

const columns = ['Step', 'Status', 'When', 'Took', 'Tokens', 'Cost', 'Reused'] as const

/** `now` in milliseconds since 1970. */
export function waterfall({ review, spans: steps }: ReviewDetail, now: number): Html {
  if (steps.length === 0)
    return html`<h2>Steps</h2>
      <p class="empty">
        No step has been started.
        ${review.status === 'queued' ? 'The first one begins when a worker takes the review.' : ''}
      </p>`
  const attempts = [...Map.groupBy(steps, (step) => step.epoch)]
  const reused = steps.reduce((sum, step) => sum + step.served, 0)
  return html`<h2>Steps</h2>
    <p class="hint">
      ${plural(steps.length, 'step')} in ${plural(attempts.length, 'attempt')}.
      ${reused === 0 ? '' : `Stored answers were used again ${plural(reused, 'time')} instead of being paid a second time.`}
    </p>
    <table class="cards steps">
      <thead>
        <tr>
          ${columns.map((name, index) => html`<th scope="col" class="${index > 2 ? 'number' : ''}">${name}</th>`)}
        </tr>
      </thead>
      ${attempts.map(([, own], index) => attemptRows(own, index + 1, now))}
    </table>`
}

function attemptRows(steps: readonly SpanRow[], attempt: number, now: number): Html {
  const [first] = steps
  const from = Math.min(...steps.map((step) => step.startedAt.getTime()))
  const until = Math.max(...steps.map((step) => endOf(step, now)))
  return html`<tbody>
    <tr class="attempt">
      <th scope="rowgroup" colspan="${columns.length}">
        Attempt ${attempt} <small>${first?.worker} · epoch ${first?.epoch} · ${duration(until - from)}</small>
      </th>
    </tr>
    ${steps.map((step) => stepRow(step, bar(step, { from, until, now }), now))}
  </tbody>`
}

/** Whoever was lost has no end, and its bar must not grow. */
function endOf({ endedAt, startedAt, status }: SpanRow, now: number): number {
  return status === 'running' ? Math.max(now, startedAt.getTime()) : (endedAt ?? startedAt).getTime()
}

/** SVG, because the pages' policy allows no inline style. */
function bar(step: SpanRow, { from, now, until }: { from: number; until: number; now: number }): Html {
  const percent = (ms: number): number => (until > from ? Math.round((1000 * ms) / (until - from)) / 10 : 0)
  const width = Math.max(percent(endOf(step, now) - step.startedAt.getTime()), 1)
  const x = Math.min(percent(step.startedAt.getTime() - from), 100 - width)
  return html`<svg class="bar" width="100%" height="10" aria-hidden="true">
    <rect class="track" width="100%" height="10" rx="3"></rect>
    <rect class="${step.status}" x="${x}%" width="${width}%" height="10" rx="3"></rect>
  </svg>`
}

function stepRow(step: SpanRow, timeline: Html, now: number): Html {
  const { costUsd, error, key, served, startedAt, status, tokens } = step
  const sum = tokens.input + tokens.output
  const since = status === 'running' ? html`data-since="${startedAt.toISOString()}"` : html``
  return html`<tr>
    <td class="title">
      <code>${shortKey(key)}</code>${error === null ? '' : html`<small class="error">${error}</small>`}
    </td>
    <td data-label="Status">${pill(status)}</td>
    <td class="when">${timeline}</td>
    <td data-label="Took" class="number" ${since}>${took(step, now)}</td>
    ${figure('Tokens', sum === 0 ? nothing : count(sum))} ${figure('Cost', costUsd > 0 ? usd(costUsd) : nothing)}
    ${figure('Reused', served === 0 ? nothing : `${served} ×`)}
  </tr>`
}

function figure(label: (typeof columns)[number], value: string): Html {
  return html`<td data-label="${label}" class="number${value === nothing ? ' none' : ''}">${value}</td>`
}

function took(step: SpanRow, now: number): string {
  return step.status === 'lost' ? nothing : duration(endOf(step, now) - step.startedAt.getTime())
}

/** Keys name commits in full; a few digits are enough to tell two apart. */
function shortKey(key: string): string {
  return key.replaceAll(/\b([0-9a-f]{10})[0-9a-f]{30,54}\b/g, '$1…')
}
