// Addresses of pages on GitHub, built from names: no address from a payload is ever put into a page.

export interface Place {
  owner: string
  repo: string
  number: number
}

export function repositoryUrl(serverUrl: string, { owner, repo }: Pick<Place, 'owner' | 'repo'>): string {
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
