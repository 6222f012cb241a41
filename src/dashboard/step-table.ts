import { html } from 'hono/html'
import type { SpanRow } from '../store/review-row.ts'
import { count, runTime } from './figures.ts'
import { type Html, pill } from './layout.ts'

const columns = ['Step', 'Status', 'Took', 'Tokens', 'Attempt', 'Worker', 'Used again']

/** The journal. "Used again": how often a later attempt took the stored result instead of running the step. */
export function stepTable(steps: readonly SpanRow[], now: number): Html {
  if (steps.length === 0)
    return html`<h2>Steps</h2>
      <p class="empty">No step has been started.</p>`
  return html`<h2>Steps</h2>
    <table class="cards">
      <thead>
        <tr>
          ${columns.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${steps.map((step) => stepRow(step, now))}
      </tbody>
    </table>`
}

function stepRow(step: SpanRow, now: number): Html {
  const times = { createdAt: step.startedAt, startedAt: step.startedAt, finishedAt: step.endedAt }
  return html`<tr>
    <td class="title">
      <code>${step.key}</code>${step.error === null ? '' : html`<small class="error">${step.error}</small>`}
    </td>
    <td data-label="Status">${pill(step.status)}</td>
    <td data-label="Took" class="number">${runTime(times, now)}</td>
    <td data-label="Tokens" class="number">${count(step.tokens.input + step.tokens.output)}</td>
    <td data-label="Attempt" class="number">${step.epoch}</td>
    <td data-label="Worker">${step.worker}</td>
    <td data-label="Used again" class="number">${step.served}</td>
  </tr>`
}
