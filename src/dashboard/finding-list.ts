import { html } from 'hono/html'
import type { FindingRow, ReviewDetail, ReviewRow } from '../store/review-row.ts'
import { lineUrl } from './github-link.ts'
import { type Html, pill } from './layout.ts'

/** Bodies are Markdown, shown as the text they are: nothing that a model wrote becomes markup. */
export function findingList({ findings, review }: ReviewDetail, serverUrl: string): Html {
  if (findings.length === 0)
    return html`<h2>Findings</h2>
      <p class="empty">${noFindings(review)}</p>`
  return html`<h2>Findings</h2>
    ${findings.map((finding) => findingArticle(finding, lineUrl(serverUrl, review, finding)))}`
}

function noFindings({ coverage, status }: ReviewRow): string {
  if (status === 'queued' || status === 'running' || status === 'retrying') return 'None yet.'
  if (coverage === 'full') return 'None. Every file that should be read was, and nothing was worth saying.'
  return coverage === 'partial' ? 'None in the files that were read.' : 'None: no file was read.'
}

function findingArticle(finding: FindingRow, url: string): Html {
  const { body, line, path, placement, reviewer, severity, startLine, suggestion, title } = finding
  const place = `${path}:${startLine === null ? line : `${startLine}-${line}`}`
  return html`<article class="finding">
    <h3>${pill(severity)} ${title}</h3>
    <p class="place">
      ${finding.side === 'RIGHT' ? html`<a href="${url}"><code>${place}</code></a>` : html`<code>${place}</code> (removed)`}
      · ${reviewer} ${placement.kind === 'body' ? html`· in the review's text: ${placement.reason}` : ''}
    </p>
    <pre class="prose">${body}</pre>
    ${
      suggestion === null
        ? ''
        : html`<p class="label">Suggestion</p>
            <pre>${suggestion}</pre>`
    }
  </article>`
}
