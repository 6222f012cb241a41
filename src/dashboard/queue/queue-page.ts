import { html } from 'hono/html'
import { pullRequestName } from '../../review/pull-request.ts'
import type { Place, QueuedReview, QueueLook, SweepRow } from '../../store/watch/queue-look.ts'
import type { WorkerRow } from '../../store/review-row.ts'
import { age, duration, nothing } from '../figures.ts'
import { type Html, layout, notice } from '../layout.ts'

export interface QueuePageView {
  look: QueueLook
  /** Milliseconds since 1970. */
  now: number
  signedIn: boolean
  /** Why a button that was pressed did less than it says. */
  refusal: string | undefined
}

export function queuePage({ look, now, refusal, signedIn }: QueuePageView): Html {
  const content = html`<nav class="trail" aria-label="Breadcrumb"><a href="/">Reviews</a> / Queue</nav>
    <h1>Queue</h1>
    ${refusal === undefined ? '' : notice('problem', refusal)} ${places.map((place) => placeSection(place, look, now))}
    ${section('Workers', look.workers.length, listOf(workerCells, look.workers, now))}
    ${section('Sweeps', look.sweeps.length, listOf(sweepCells, look.sweeps, now))}`
  return layout({ title: 'Queue', content, signedIn })
}

/** The name of a column and what stands in it. The first one is the row's title. */
type Cells = [string, unknown][]

const places: { place: Place; title: string; cells: (review: QueuedReview, now: number) => Cells }[] = [
  {
    place: 'running',
    title: 'Running',
    cells: (review, now) => [
      titleCell(review),
      ['Worker', review.worker ?? nothing],
      ['Epoch', review.epoch],
      ['Started', ago(review.startedAt, now)],
      ['Last beat', review.beatAt ? `${duration(now - review.beatAt.getTime())} ago` : 'none'],
    ],
  },
  {
    place: 'waiting',
    title: 'Waiting',
    cells: (review, now) => [
      titleCell(review),
      ['Waits since', ago(review.waitingSince, now)],
      ['Errors so far', review.attempts],
      ['Why', review.error ?? review.reason ?? nothing],
    ],
  },
  {
    place: 'later',
    title: 'Due later',
    cells: (review, now) => [
      titleCell(review),
      ['Due in', review.notBefore ? duration(review.notBefore.getTime() - now) : nothing],
      ['Errors so far', review.attempts],
      ['Why', review.error ?? review.reason ?? nothing],
    ],
  },
  {
    place: 'failed',
    title: 'Failed',
    cells: (review, now) => [
      titleCell(review),
      ['Failed', ago(review.finishedAt, now)],
      ['Why', review.error ?? nothing],
      ['Again', retryButton(review)],
    ],
  },
]

function placeSection({ cells, place, title }: (typeof places)[number], look: QueueLook, now: number): Html {
  const reviews = look.reviews.filter((review) => review.place === place)
  const total = reviews[0]?.total ?? 0
  const retryAll =
    place === 'failed' && total > 1
      ? html`<form method="post" action="/queue/retry"><button id="retry-all">Try all again</button></form>`
      : html``
  const rest = total > reviews.length ? html`<p class="hint">The first ${reviews.length} are shown.</p>` : html``
  return section(title, total, html`${retryAll} ${listOf(cells, reviews, now)} ${rest}`)
}

function section(title: string, total: number, content: Html): Html {
  const id = title.toLowerCase().replace(' ', '-')
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title} <small>${total}</small></h2>
    ${total === 0 ? html`<p class="hint">None.</p>` : content}
  </section>`
}

function listOf<Row>(cells: (row: Row, now: number) => Cells, rows: Row[], now: number): Html {
  const [first] = rows
  if (!first) return html``
  return html`<table class="cards">
    <thead>
      <tr>
        ${cells(first, now).map(([name]) => html`<th scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => tableRow(cells(row, now)))}
    </tbody>
  </table>`
}

function tableRow([title, ...rest]: Cells): Html {
  return html`<tr>
    <td class="title">${title?.[1]}</td>
    ${rest.map(
      ([name, value]) =>
        html`<td data-label="${name}" class="${name === 'Why' ? 'title' : ''} ${value === nothing ? 'none' : ''}">
          ${value}
        </td>`,
    )}
  </tr>`
}

function titleCell(review: QueuedReview): Cells[number] {
  const name = pullRequestName(review)
  const title = html`<a href="/reviews/${review.id}">${review.title || name}</a><small>${name}</small>`
  return ['Pull request', title]
}

function retryButton({ id, title }: QueuedReview): Html {
  return html`<form method="post" action="/queue/retry/${id}">
    <button class="quiet" aria-label="Try again: ${title || `review ${id}`}">Try again</button>
  </form>`
}

function workerCells(worker: WorkerRow, now: number): Cells {
  return [
    ['Worker', html`<code>${worker.name}</code>`],
    ['Slots', worker.slots],
    ['Started', ago(worker.startedAt, now)],
    ['Last sign of life', `${duration(Math.max(0, now - worker.loopTurnedAt.getTime()))} ago`],
  ]
}

/** What a sweep found is in the log of its leader; the record knows who leads, and how far it came. */
function sweepCells({ holder, mark, name, until }: SweepRow, now: number): Cells {
  const leads = until && until.getTime() > now
  return [
    ['Sweep', name],
    ['Leader', leads ? (holder ?? nothing) : 'nobody'],
    [
      'Leads until',
      until
        ? time(until, `${leads ? 'in ' : ''}${duration(Math.abs(until.getTime() - now))}${leads ? '' : ' ago'}`)
        : nothing,
    ],
    ['Settled up to', ago(mark, now)],
  ]
}

const ago = (date: Date | null, now: number): unknown => (date ? time(date, age(now - date.getTime())) : nothing)

function time(date: Date, words: string): Html {
  const iso = date.toISOString()
  return html`<time datetime="${iso}" title="${iso}">${words}</time>`
}
