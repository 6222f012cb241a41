import { html } from 'hono/html'
import { pullRequestName } from '../../review/pull-request.ts'
import type { Place, QueuedReview, QueueLook, SweepRow, UnreviewedPull } from '../../store/watch/queue-look.ts'
import type { WorkerRow } from '../../store/review-row.ts'
import { age, duration, nothing } from '../figures.ts'
import { githubLink, pullRequestUrl } from '../github-link.ts'
import { type Html, layout, notice } from '../layout.ts'

export interface QueuePageView {
  look: QueueLook
  /** Without a slash at its end. */
  serverUrl: string
  /** Milliseconds since 1970. */
  now: number
  signedIn: boolean
  /** Why a button that was pressed did less than it says. */
  refusal: string | undefined
}

/** What cells are made with. */
type Around = Pick<QueuePageView, 'now' | 'serverUrl'>

export function queuePage(view: QueuePageView): Html {
  const { look, refusal, signedIn } = view
  const content = html`<nav class="trail" aria-label="Breadcrumb"><a href="/">Reviews</a> / Queue</nav>
    <h1>Queue</h1>
    ${refusal === undefined ? '' : notice('problem', refusal)} ${places.map((place) => placeSection(place, look, view))}
    ${section('Workers', look.workers.length, listOf(workerCells, look.workers, view))}
    ${section('Sweeps', look.sweeps.length, listOf(sweepCells, look.sweeps, view))} ${unreviewedSection(look, view)}`
  return layout({ title: 'Queue', content, signedIn })
}

/** Those that "Try all again" is about: the last of all that failed. */
export const mostRetried = 500

/** The name of a column and what stands in it. The first one is the row's title. */
type Cells = [string, unknown][]

const places: { place: Place; title: string; cells: (review: QueuedReview, around: Around) => Cells }[] = [
  {
    place: 'running',
    title: 'Running',
    cells: (review, { now }) => [
      titleCell(review),
      ['Worker', review.worker ?? nothing],
      ['Epoch', review.epoch],
      ['Started', ago(review.startedAt, now)],
      ['Last beat', review.beatAt ? `${duration(now - review.beatAt.getTime())} ago` : 'none'],
      ['Lease', leaseOf(review, now)],
    ],
  },
  {
    place: 'waiting',
    title: 'Waiting',
    cells: (review, { now }) => [
      titleCell(review),
      ['Waits since', ago(review.waitingSince, now)],
      ['Errors so far', review.attempts],
      ['Why', review.reason ?? review.error ?? nothing],
    ],
  },
  {
    place: 'later',
    title: 'Due later',
    cells: (review, { now }) => [
      titleCell(review),
      ['Due in', review.notBefore ? duration(review.notBefore.getTime() - now) : nothing],
      ['Errors so far', review.attempts],
      ['Why', review.reason ?? review.error ?? nothing],
    ],
  },
  {
    place: 'failed',
    title: 'Failed',
    cells: (review, { now }) => [
      titleCell(review),
      ['Failed', ago(review.finishedAt, now)],
      ['Why', review.error ?? nothing],
      ['Again', retryButton(review)],
    ],
  },
]

function placeSection({ cells, place, title }: (typeof places)[number], look: QueueLook, around: Around): Html {
  const reviews = look.reviews.filter((review) => review.place === place)
  const total = reviews[0]?.total ?? 0
  const all = place === 'failed' && total > 1 ? retryAll(Math.min(total, mostRetried)) : html``
  return section(title, total, html`${all} ${listOf(cells, reviews, around)} ${rest(total, reviews.length)}`)
}

/** The press that asks is not the press that does: models may be paid for each of them. */
function retryAll(count: number): Html {
  return html`<details class="confirm">
    <summary id="retry-all">Try all again</summary>
    <form method="post" action="/queue/retry">
      <p>The newest ${count} wait again. What their models answered already is not paid for again; the rest is.</p>
      <button>Yes, try ${count} again</button>
    </form>
  </details>`
}

function rest(total: number, shown: number): Html {
  return total > shown ? html`<p class="hint">The first ${shown} are shown.</p>` : html``
}

/** What was there before the App was, or is too old to be caught up with. */
function unreviewedSection({ unreviewed }: QueueLook, around: Around): Html {
  const total = unreviewed[0]?.total ?? 0
  const list = html`<p class="hint">
      Open, and older than the App's access or than <code>CATCHUP_HOURS</code>: reviewed when somebody asks for it.
    </p>
    ${listOf(unreviewedCells, unreviewed, around)} ${rest(total, unreviewed.length)}`
  return section('Not reviewed', total, list)
}

function unreviewedCells(pull: UnreviewedPull, { now, serverUrl }: Around): Cells {
  const name = pullRequestName(pull)
  const url = pullRequestUrl(serverUrl, pull)
  const title = githubLink(pull, url, pull.title || name)
  const button = html`<form method="post" action="/first-review/url">
    <input type="hidden" name="url" value="${url}" />
    <button class="quiet" aria-label="Review: ${pull.title || name}">Review</button>
  </form>`
  return [
    ['Pull request', html`${title}<small>${name}</small>`],
    ['By', pull.author],
    ['Last change', ago(pull.updatedAt, now)],
    ['Ask', button],
  ]
}

function leaseOf({ leaseUntil }: QueuedReview, now: number): string {
  if (!leaseUntil) return 'over'
  const leftMs = leaseUntil.getTime() - now
  return leftMs > 0 ? `ends in ${duration(leftMs)}` : `over for ${duration(-leftMs)}`
}

function section(title: string, total: number, content: Html): Html {
  const id = title.toLowerCase().replace(' ', '-')
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title} <small>${total}</small></h2>
    ${total === 0 ? html`<p class="hint">None.</p>` : content}
  </section>`
}

function listOf<Row>(cells: (row: Row, around: Around) => Cells, rows: Row[], around: Around): Html {
  const [first] = rows
  if (!first) return html``
  return html`<table class="cards">
    <thead>
      <tr>
        ${cells(first, around).map(([name]) => html`<th scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => tableRow(cells(row, around)))}
    </tbody>
  </table>`
}

/** Columns that take a line of their own where a row is a card. */
const sentences = new Set(['Why', 'Did', 'Last error'])

function tableRow([title, ...rest]: Cells): Html {
  return html`<tr>
    <td class="title">${title?.[1]}</td>
    ${rest.map(
      ([name, value]) =>
        html`<td data-label="${name}" class="${sentences.has(name) ? 'title' : ''} ${value === nothing ? 'none' : ''}">
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

function workerCells(worker: WorkerRow, { now }: Around): Cells {
  return [
    ['Worker', html`<code>${worker.name}</code>`],
    ['Slots', worker.slots],
    ['Started', ago(worker.startedAt, now)],
    ['Last sign of life', `${duration(Math.max(0, now - worker.loopTurnedAt.getTime()))} ago`],
  ]
}

function sweepCells({ did, error, holder, mark, name, ranAt, tookMs }: SweepRow, { now }: Around): Cells {
  const counted = Object.entries(did).filter(([, value]) => value > 0)
  const words = counted.map(([what, value]) => `${value} ${what}`).join(', ') || 'nothing to do'
  return [
    ['Sweep', name],
    ['Last turn', ago(ranAt, now)],
    ['Took', tookMs === null ? nothing : duration(tookMs)],
    ['Did', ranAt ? words : nothing],
    ['Last error', error ?? nothing],
    ['By', html`<code>${holder}</code>`],
    ['Read up to', ago(mark, now)],
  ]
}

const ago = (date: Date | null, now: number): unknown => (date ? time(date, age(now - date.getTime())) : nothing)

function time(date: Date, words: string): Html {
  const iso = date.toISOString()
  return html`<time datetime="${iso}" title="${iso}">${words}</time>`
}
