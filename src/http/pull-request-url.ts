import type { PullRequestAddress } from './reviews-api.ts'

export type ParsedUrl = { kind: 'address'; address: PullRequestAddress } | { kind: 'mistake'; sentence: string }

/**
 * `https://github.com/owner/repo/pull/1`, also with what GitHub's pages add behind it (`/files`, `#discussion_…`).
 * Only names come out of it. The host is compared and then forgotten: what is asked is always the server we are set up for.
 */
export function parsePullRequestUrl(text: string, serverUrl: string): ParsedUrl {
  const example = `${serverUrl}/octo-org/hello-world/pull/1`
  const url = URL.parse(text.trim())
  if (!url) return mistake(`This is not a URL. A pull request's looks like ${example}.`)
  if (url.origin !== URL.parse(serverUrl)?.origin || url.username !== '' || url.password !== '')
    return mistake(`Only pull requests on ${serverUrl} can be reviewed here.`)
  const [, owner, repo, number] = pathShape.exec(url.pathname) ?? []
  if (owner === undefined || repo === undefined || /^\.\.?$/.test(repo) || Number(number) > 2 ** 31 - 1)
    return mistake(`This is not a pull request. Its URL looks like ${example}.`)
  return { kind: 'address', address: { owner, repo, number: Number(number) } }
}

/** Letters that GitHub allows in names; the underscore is for accounts that a company manages. */
const pathShape = /^\/([A-Za-z0-9][A-Za-z0-9_-]{0,99})\/([A-Za-z0-9._-]{1,100})\/pull\/([1-9]\d{0,9})(?:\/[\w/.-]*)?$/

const mistake = (sentence: string): ParsedUrl => ({ kind: 'mistake', sentence })
