import { html } from 'hono/html'
import type { FileLeftOut, Status } from '../review/outcome.ts'
import { pullRequestName } from '../review/pull-request.ts'
import type { Patches, ReviewDetail, ReviewRow } from '../store/review-row.ts'
import { age, count, nothing, plural, runTime, usd, waitTime } from './figures.ts'
import { findingList } from './finding-list.ts'
import { githubLink, pullRequestUrl } from './github-link.ts'
import { type Html, layout, notice, pill } from './layout.ts'
import { waterfall } from './waterfall.ts'

export interface ReviewPageView {
  detail: ReviewDetail
  /** Of the files with findings, as far as they are known. */
  patches: Patches
  serverUrl: string
  /** Milliseconds since 1970. */
  now: number
  signedIn: boolean
  /** Why a button that was pressed did nothing. */
  refusal: string | undefined
}

/** Parts with `data-part` are replaced by `live.js` while the review is live; `data-seq` says how new they are. */
export function reviewPage({ detail, now, patches, refusal, serverUrl, signedIn }: ReviewPageView): Html {
  const { review } = detail
  const name = pullRequestName(review)
  const content = html`<nav class="trail" aria-label="Breadcrumb"><a href="/">Reviews</a> / ${review.id}</nav>
    <div ${liveAttributes(review)}>
      <div class="headline">
        <div>
          <h1>${review.title || name}</h1>
          <p class="by">${githubLink(review, pullRequestUrl(serverUrl, review), name)} by ${review.author}</p>
        </div>
        <div data-part="actions">${actions(review)}</div>
      </div>
      ${refusal === undefined ? '' : notice('problem', refusal)}
      <p class="notice problem" id="offline" role="status" hidden>
        The connection is lost. The page goes on by itself when it is back.
      </p>
      <div data-part="state" role="status">${state(review)}</div>
      <div data-part="facts">
        ${review.summary === '' ? '' : html`<p class="summary">${review.summary}</p>`}
        ${facts(review, { now, serverUrl })}
      </div>
      <section data-part="findings" aria-label="Findings">${findingList(detail, patches, serverUrl)}</section>
      <section data-part="files" aria-label="Files">${filesLeftOut(review)}</section>
      <section data-part="steps" aria-label="Steps">${waterfall(detail, now)}</section>
    </div>`
  return layout({ title: name, content, signedIn })
}

/** Only a live review is listened to: a browser has few connections, and people many tabs. */
function liveAttributes({ eventSeq, id, status }: ReviewRow): Html {
  const listens = isLive(status) ? html`data-live data-events="/api/reviews/${id}/events"` : html``
  return html`data-seq="${eventSeq}" ${listens}`
}

const isLive = (status: Status): boolean => status === 'queued' || status === 'running' || status === 'retrying'

function state({ error, reason, status, verdict }: ReviewRow): Html {
  return html`<p class="badges">${pill(status)} ${verdict ? pill(verdict) : ''}</p>
    ${reason === null ? '' : notice('note', reason)} ${error === null ? '' : notice('problem', error)}`
}

/** What can be asked of the store; it decides again when asked. */
function actions({ id, status }: ReviewRow): Html {
  if (isLive(status)) return button({ id, name: 'cancel', label: 'Cancel this review' })
  const retryable = status === 'failed' || status === 'cancelled' || status === 'skipped'
  return retryable ? button({ id, name: 'retry', label: 'Try again' }) : html``
}

function button({ id, label, name }: { id: string; name: 'cancel' | 'retry'; label: string }): Html {
  const look = name === 'retry' ? '' : 'quiet'
  return html`<form method="post" action="/reviews/${id}/${name}">
    <button id="${name}" class="${look}">${label}</button>
  </form>`
}

export function noReviewPage(signedIn: boolean): Html {
  const content = html`<h1>No such review</h1>
    <p class="empty">There is no review with this number. <a href="/">Show all reviews</a></p>`
  return layout({ title: 'No such review', content, signedIn })
}

function facts(review: ReviewRow, { now, serverUrl }: { now: number; serverUrl: string }): Html {
  const created = review.createdAt.toISOString()
  const posted = `${pullRequestUrl(serverUrl, review)}#pullrequestreview-${review.githubReviewId}`
  const tokens = `${count(review.tokens.input)} in (${count(review.tokens.cached)} cached), ${count(review.tokens.output)} out`
  const all: [string, unknown][] = [
    [
      'Commit',
      html`<code title="${review.headSha}">${review.headSha.slice(0, 10)}</code> onto <code>${review.baseRef}</code>`,
    ],
    ['Coverage', review.coverage ? `${review.coverage}, ${plural(review.filesRead, 'file')} read` : nothing],
    ['On GitHub', review.githubReviewId === null ? deliveryWords(review) : githubLink(review, posted, 'posted review')],
    ['Asked for by', review.trigger],
    ['Recorded', html`<time datetime="${created}" title="${created}">${age(now - review.createdAt.getTime())}</time>`],
    ['Waited', waitTime(review, now)],
    ['Ran', runTime(review, now)],
    ['Next try', nextTry(review, now)],
    ['Errors so far', review.attempts > 0 ? review.attempts : nothing],
    ['Tokens', review.tokens.input + review.tokens.output > 0 ? tokens : nothing],
    ['Cost', review.costUsd > 0 ? usd(review.costUsd) : nothing],
    ['Worker', review.worker ?? nothing],
  ]
  return html`<dl class="facts">
    ${all
      .filter(([, value]) => value !== nothing)
      .map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
  </dl>`
}

function deliveryWords({ delivery }: ReviewRow): string {
  if (delivery === 'check-only') return 'check run only: nothing to say'
  return delivery === 'shown' ? 'shown here only' : nothing
}

function nextTry({ notBefore, status }: ReviewRow, now: number): string {
  const waits = status === 'queued' || status === 'retrying'
  if (!waits || notBefore === null) return nothing
  const seconds = Math.ceil((notBefore.getTime() - now) / 1000)
  return seconds > 0 ? `in ${seconds} s` : 'now'
}

function filesLeftOut({ leftOut }: ReviewRow): Html {
  const list = (title: string, kind: FileLeftOut['kind']): Html => {
    const files = leftOut.filter((file) => file.kind === kind)
    if (files.length === 0) return html``
    return html`<h2>${title}</h2>
      <ul class="files">
        ${files.map(({ path, reason }) => html`<li><code>${path}</code> ${reason}</li>`)}
      </ul>`
  }
  return html`${list('Not read', 'unread')}${list('Left out on purpose', 'noise')}`
}
