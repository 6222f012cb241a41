import { html } from 'hono/html'
import type { FileLeftOut } from '../review/outcome.ts'
import { pullRequestName } from '../review/pull-request.ts'
import type { ReviewDetail, ReviewRow } from '../store/review-row.ts'
import { age, count, nothing, plural, runTime, usd, waitTime } from './figures.ts'
import { findingList } from './finding-list.ts'
import { pullRequestUrl } from './github-link.ts'
import { type Html, layout, notice, pill } from './layout.ts'
import { stepTable } from './step-table.ts'

export interface ReviewPageView {
  detail: ReviewDetail
  serverUrl: string
  /** Milliseconds since 1970. */
  now: number
  signedIn: boolean
}

export function reviewPage({ detail, now, serverUrl, signedIn }: ReviewPageView): Html {
  const { review, spans } = detail
  const name = pullRequestName(review)
  const content = html`<p class="trail"><a href="/">Reviews</a> / ${review.id}</p>
    <h1>${review.title || name}</h1>
    <p class="badges">
      ${pill(review.status)} ${review.verdict ? pill(review.verdict) : ''}
      <a href="${pullRequestUrl(serverUrl, review)}">${name}</a> by ${review.author}
    </p>
    ${review.reason === null ? '' : notice('note', review.reason)}
    ${review.error === null ? '' : notice('problem', review.error)}
    ${review.summary === '' ? '' : html`<p class="prose">${review.summary}</p>`} ${facts(review, { now, serverUrl })}
    ${findingList(detail, serverUrl)} ${filesLeftOut(review)} ${stepTable(spans, now)}`
  return layout({ title: name, content, signedIn })
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
    ['Coverage', `${review.coverage ?? nothing}, ${plural(review.filesRead, 'file')} read`],
    ['On GitHub', review.githubReviewId === null ? deliveryWords(review) : html`<a href="${posted}">posted review</a>`],
    ['Asked for by', review.trigger],
    ['Recorded', html`<time datetime="${created}" title="${created}">${age(now - review.createdAt.getTime())}</time>`],
    ['Waited', waitTime(review, now)],
    ['Ran', runTime(review, now)],
    ['Next try', nextTry(review, now)],
    ['Errors so far', review.attempts],
    ['Tokens', tokens],
    ['Cost', review.costUsd > 0 ? usd(review.costUsd) : nothing],
    ['Worker', review.worker ?? nothing],
  ]
  return html`<dl class="facts">
    ${all.map(
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
