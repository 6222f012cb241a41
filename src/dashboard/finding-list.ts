import { html } from 'hono/html'
import type { FindingRow, Patches, ReviewDetail, ReviewRow } from '../store/review-row.ts'
import { plural } from './figures.ts'
import { githubLink, lineUrl } from './github-link.ts'
import { hunkWithComment } from './hunk.ts'
import { type Html, pill } from './layout.ts'
import { markdown } from './markdown.ts'

/** `patches` of the files with findings, as far as they are known. */
export function findingList({ findings, review }: ReviewDetail, patches: Patches, serverUrl: string): Html {
  if (findings.length === 0)
    return html`<h2 id="findings-title">Findings</h2>
      <p class="empty">${noFindings(review)}</p>`
  return html`<h2 id="findings-title">${plural(findings.length, 'finding')}</h2>
    ${findings.map((finding) =>
      findingArticle(finding, patches, (words) => githubLink(review, lineUrl(serverUrl, review, finding), words)),
    )}`
}

function noFindings({ coverage, status }: ReviewRow): string {
  if (status === 'queued' || status === 'running' || status === 'retrying')
    return 'None yet. They appear here as soon as the review has chosen them.'
  if (coverage === 'full') return 'None. Every file that should be read was, and nothing was worth saying.'
  return coverage === 'partial' ? 'None in the files that were read.' : 'None: no file was read.'
}

function findingArticle(finding: FindingRow, patches: Patches, link: (words: Html) => Html): Html {
  const { line, path, placement, reviewer, side, startLine } = finding
  const patch = patches.get(path)
  const inHunk =
    placement.kind === 'inline' && patch !== undefined
      ? hunkWithComment(patch, placement.anchor, comment(finding))
      : undefined
  const place = `${path}:${startLine === null ? line : `${startLine}-${line}`}`
  return html`<article class="finding">
    <p class="place">
      ${side === 'RIGHT' ? link(html`<code>${place}</code>`) : html`<code>${place}</code> (removed)`}
      <span>${reviewer}</span>
      ${placement.kind === 'body' ? html`<span>in the review's text: ${placement.reason}</span>` : ''}
    </p>
    ${inHunk ?? html`<div class="comment">${comment(finding)}</div>`}
  </article>`
}

/** Nothing that a model wrote becomes a link, an image or HTML. */
function comment({ body, severity, suggestion, title }: FindingRow): Html {
  const suggested = html`<p class="label">Suggested change</p>
    <pre class="suggestion">${suggestion === '' ? 'Remove these lines.' : suggestion}</pre>`
  return html`<h3>${pill(severity)} ${title}</h3>
    <div class="markdown">${markdown(body)}</div>
    ${suggestion === null ? '' : suggested}`
}
