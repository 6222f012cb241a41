// Addresses of pages on GitHub, built from names: no address from a payload is ever put into a page.

import { html } from 'hono/html'
import type { Html } from './layout.ts'

export interface Place {
  owner: string
  repo: string
  number: number
}

/**
 * A link to GitHub, or only its words for the bundled sample: its owner has two dashes in a row, a name that GitHub gives to
 * nobody, so the link would lead nowhere.
 */
export function githubLink({ owner }: Pick<Place, 'owner'>, url: string, words: Html | string): Html {
  return owner.includes('--') ? html`${words}` : html`<a href="${url}">${words}</a>`
}

function repositoryUrl(serverUrl: string, { owner, repo }: Pick<Place, 'owner' | 'repo'>): string {
  return `${serverUrl}/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}`
}

export function pullRequestUrl(serverUrl: string, place: Place): string {
  return `${repositoryUrl(serverUrl, place)}/pull/${place.number}`
}

/** The line as it was when it was reviewed. */
export function lineUrl(
  serverUrl: string,
  review: Place & { headSha: string },
  at: { path: string; line: number },
): string {
  const path = at.path.split('/').map(encodeURIComponent).join('/')
  return `${repositoryUrl(serverUrl, review)}/blob/${encodeURIComponent(review.headSha)}/${path}#L${at.line}`
}
