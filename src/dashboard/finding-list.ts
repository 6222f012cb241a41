import { html } from 'hono/html'
import { type Evidence, isPublished, type Placement, type Verification } from '../review/finding.ts'
import { unreachable } from '../review/outcome.ts'
import type { FindingRow, Patches, ReviewDetail, ReviewRow } from '../store/review-row.ts'
import { plural } from './figures.ts'
import { githubLink, lineUrl } from './github-link.ts'
import { hunkWithComment } from './hunk.ts'
import { type Html, pill } from './layout.ts'
import { markdown } from './markdown.ts'

interface Shown {
  /** Of the files with findings, as far as they are known. */
  patches: Patches
  /** To a line of the reviewed head on GitHub. */
  link: (at: { path: string; line: number }, words: Html) => Html
}

/** What is published first; below it, folded, what was held back and why. */
export function findingList({ findings, review }: ReviewDetail, patches: Patches, serverUrl: string): Html {
  const shown: Shown = { patches, link: (at, words) => githubLink(review, lineUrl(serverUrl, review, at), words) }
  const published = findings.filter(isPublished)
  const heldBack = findings.filter((finding) => !isPublished(finding))
  const title = published.length === 0 ? 'Findings' : plural(published.length, 'finding')
  return html`<h2 id="findings-title">${title}</h2>
    ${published.length === 0 ? html`<p class="empty">${noFindings(review)}</p>` : ''}
    ${published.map((finding) => findingArticle(finding, shown))}
    ${heldBack.length === 0 ? '' : heldBackList(heldBack, shown)}`
}

function noFindings({ coverage, status }: ReviewRow): string {
  if (status === 'queued' || status === 'running' || status === 'retrying')
    return 'None yet. They appear here as soon as the review has chosen them.'
  if (coverage === 'full') return 'None. Every file that should be read was, and nothing was worth saying.'
  return coverage === 'partial' ? 'None in the files that were read.' : 'None: no file was read.'
}

function heldBackList(findings: readonly FindingRow[], shown: Shown): Html {
  return html`<details class="held-back">
    <summary>Held back (${findings.length})</summary>
    <p class="hint">
      Not published, and counted nowhere: refuted, not confirmed, said by somebody else already, or small where nothing
      larger was said.
    </p>
    ${findings.map((finding) => findingArticle(finding, shown))}
  </details>`
}

function findingArticle(finding: FindingRow, { link, patches }: Shown): Html {
  const { line, path, placement, reviewer, side, startLine, verification } = finding
  const patch = patches.get(path)
  const inHunk =
    placement.kind === 'inline' && patch !== undefined
      ? hunkWithComment(patch, placement.anchor, comment(finding))
      : undefined
  const place = html`<code>${path}:${startLine === null ? line : `${startLine}-${line}`}</code>`
  return html`<article class="finding">
    <p class="place">
      ${side === 'RIGHT' ? link(finding, place) : html`${place} (removed)`}
      <span>${reviewer}</span>
      ${whereElse(placement, verification)}
    </p>
    ${inHunk ?? html`<div class="comment">${comment(finding)}</div>`}
    ${verification === null ? '' : html`<p class="verification">${verified(verification, link)}</p>`}
  </article>`
}

function whereElse(placement: Placement, verification: Verification | null): Html {
  switch (placement.kind) {
    case 'inline':
      return html``
    case 'body':
      return html`<span>in the review's text: ${placement.reason}</span>`
    case 'listed':
      return html`<span>in the review's list: small, or past the cap on comments</span>`
    case 'held-back':
      // The verification's own reason stands below.
      return html`<span>held back${placement.reason === verification?.reason ? '' : `: ${placement.reason}`}</span>`
    default:
      return unreachable(placement)
  }
}

const verdicts = { confirmed: 'Confirmed', refuted: 'Refuted', none: 'No verdict' } as const

function verified({ evidence, reason, verdict }: Verification, link: Shown['link']): Html {
  const places = evidence.map((one) => link({ path: one.path, line: one.first }, html`<code>${linesOf(one)}</code>`))
  return html`<b>${verdicts[verdict]}.</b> ${reason}
    ${places.length === 0 ? '' : html`<span class="evidence">Read for it: ${places.map((one) => html`${one} `)}</span>`}`
}

function linesOf({ first, last, path }: Evidence): string {
  return `${path}:${first === last ? first : `${first}-${last}`}`
}

/** Nothing that a model wrote becomes a link, an image or HTML. */
function comment({ body, severity, suggestion, title }: FindingRow): Html {
  const suggested = html`<p class="label">Suggested change</p>
    <pre class="suggestion">${suggestion === '' ? 'Remove these lines.' : suggestion}</pre>`
  return html`<h3>${pill(severity)} ${title}</h3>
    <div class="markdown">${markdown(body)}</div>
    ${suggestion === null ? '' : suggested}`
}
