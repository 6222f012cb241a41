import { html } from 'hono/html'
import type { QueueState } from '../http/reviews-api.ts'
import { statuses } from '../review/outcome.ts'
import { pullRequestName } from '../review/pull-request.ts'
import type { ReviewFilter, ReviewPage, ReviewRow } from '../store/review-row.ts'
import { age, count, nothing, plural, runTime, usd, waitTime } from './figures.ts'
import { githubLink, pullRequestUrl } from './github-link.ts'
import { type Html, layout, notice, pill } from './layout.ts'

export interface ReviewListView {
  page: ReviewPage
  filter: ReviewFilter
  queue: QueueState
  /** Only above the newest of all reviews. */
  intro: Html | undefined
  serverUrl: string
  /** Milliseconds since 1970. */
  now: number
  signedIn: boolean
}

export function reviewListPage(view: ReviewListView): Html {
  const { filter, page, queue } = view
  const content = html`<h1>Reviews</h1>
    ${isNarrowed(filter) ? '' : view.intro} ${queueLine(queue)} ${filterLinks(filter)}
    ${page.reviews.length === 0 ? emptyList(filter) : reviewTable(view)}
    <nav class="paging" aria-label="Pages">
      ${filter.cursor === undefined ? '' : html`<a href="${listUrl({ ...filter, cursor: '' })}">Newest</a>`}
      ${page.cursor === null ? '' : html`<a href="${listUrl({ ...filter, cursor: page.cursor })}">Older</a>`}
    </nav>`
  return layout({ title: 'Reviews', content, signedIn: view.signedIn })
}

/** For a filter that means nothing. */
export function noListPage(sentence: string, signedIn: boolean): Html {
  const content = html`<h1>Reviews</h1>
    ${notice('problem', sentence)}
    <p><a href="/">Show all reviews</a></p>`
  return layout({ title: 'Reviews', content, signedIn })
}

function queueLine({ failed, stream, waiting, workers }: QueueState): Html {
  const slots = workers.reduce((sum, worker) => sum + worker.slots, 0)
  const running =
    workers.length === 0 ? 'no worker' : `${plural(workers.length, 'worker')} with ${plural(slots, 'slot')}`
  return html`<p class="queue">${waiting} waiting · ${running} · ${failed} failed · <a href="/queue">Queue</a></p>
    ${stream ? '' : notice('problem', 'The queue cannot be reached. Reviews are recorded and wait; they start when it is back.')}
    ${workers.length > 0 ? '' : notice('note', 'No worker is running, so reviews wait. Start one with: npm run worker')}`
}

function filterLinks(filter: ReviewFilter): Html {
  const link = (name: string, status: string): Html =>
    html`<a href="${listUrl({ ...filter, status, cursor: '' })}" ${current(status === (filter.status ?? ''))}
      >${name}</a
    >`
  return html`<div class="filters">
    <nav aria-label="Status">${link('all', '')}${statuses.map((status) => link(status, status))}</nav>
    <form action="/" role="search">
      ${filter.status === undefined ? '' : html`<input type="hidden" name="status" value="${filter.status}" />`}
      <label for="repo">Repository</label>
      <input
        id="repo"
        name="repo"
        value="${filter.repo ?? ''}"
        placeholder="owner/name"
        pattern="[\\w\\-]+/[\\w.\\-]+"
      />
      <button class="quiet">Show</button>
      ${filter.repo === undefined ? '' : html`<a href="${listUrl({ ...filter, repo: '', cursor: '' })}">All repositories</a>`}
    </form>
  </div>`
}

const current = (is: boolean): Html => (is ? html`aria-current="page"` : html``)

function listUrl(filter: { status?: string; repo?: string; cursor?: string }): string {
  const query = new URLSearchParams()
  for (const name of ['status', 'repo', 'cursor'] as const) if (filter[name]) query.set(name, filter[name])
  return query.size === 0 ? '/' : `/?${query}`
}

function isNarrowed({ cursor, repo, status }: ReviewFilter): boolean {
  return status !== undefined || repo !== undefined || cursor !== undefined
}

function emptyList(filter: ReviewFilter): Html {
  if (isNarrowed(filter)) return html`<p class="empty">No review matches. <a href="/">Show all</a></p>`
  return html`<div class="empty">
    <p>No review yet.</p>
    <p>Open a pull request in a repository where the GitHub App is installed, or ask for one:</p>
    <pre>npm run plumbline -- review https://github.com/owner/repo/pull/1</pre>
    <p>
      Nothing comes in? The GitHub App's page lists its recent deliveries, and what this server answered, under
      "Advanced".
    </p>
  </div>`
}

const columns = [
  'Pull request',
  'Trigger',
  'Status',
  'Verdict',
  'Coverage',
  'Findings',
  'Tokens',
  'Cost',
  'Waited',
  'Ran',
  'Age',
]
const numbers = new Set(['Findings', 'Tokens', 'Cost', 'Waited', 'Ran', 'Age'])

function reviewTable(view: ReviewListView): Html {
  return html`<table class="cards">
    <thead>
      <tr>
        ${columns.map((name) => html`<th scope="col" class="${numbers.has(name) ? 'number' : ''}">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${view.page.reviews.map((review) => reviewRow(review, view))}
    </tbody>
  </table>`
}

function reviewRow(review: ReviewRow, { now, serverUrl }: ReviewListView): Html {
  const created = review.createdAt.toISOString()
  return html`<tr>
    <td class="title">
      <a href="/reviews/${review.id}">${review.title || pullRequestName(review)}</a>
      <small
        >${githubLink(review, pullRequestUrl(serverUrl, review), pullRequestName(review))} by ${review.author}</small
      >
    </td>
    ${cells(review, now).map(
      ([name, value]) =>
        html`<td data-label="${name}" class="${numbers.has(name) ? 'number' : ''}${value === nothing ? ' none' : ''}">
          ${value}
        </td>`,
    )}
    <td data-label="Age" class="number">
      <time datetime="${created}" title="${created}">${age(now - review.createdAt.getTime())}</time>
    </td>
  </tr>`
}

function cells(review: ReviewRow, now: number): [string, unknown][] {
  const { costUsd, coverage, findings, status, tokens, trigger, verdict } = review
  return [
    ['Trigger', trigger],
    ['Status', pill(status)],
    ['Verdict', verdict ? pill(verdict) : nothing],
    ['Coverage', coverage ? pill(coverage) : nothing],
    ['Findings', findings],
    ['Tokens', count(tokens.input + tokens.output)],
    ['Cost', costUsd > 0 ? usd(costUsd) : nothing],
    ['Waited', waitTime(review, now)],
    ['Ran', runTime(review, now)],
  ]
}
