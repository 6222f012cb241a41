// From a pull request's address, as a person names it, to everything that a review needs.
import { z } from 'zod'
import type { PullRequestRef } from '../review/pull-request.ts'
import { read } from './answer.ts'
import type { GitHub, GitHubReads } from './client.ts'
import { id, repositoryName, sha } from './fields.ts'

export interface LocatedPullRequest {
  ref: PullRequestRef
  title: string
  author: string
  /** ISO 8601. */
  updatedAt: string
}

export type PullRequestAddress = Pick<PullRequestRef, 'owner' | 'repo' | 'number'>

const installation = z.object({ id })

const pullRequest = z.object({
  title: z.string(),
  updated_at: z.string(),
  user: z.object({ login: z.string() }).nullable(),
  head: z.object({ sha }),
  base: z.object({
    ref: z.string(),
    repo: z.object({ id, name: repositoryName, owner: z.object({ login: repositoryName }) }),
  }),
})

/**
 * Throws `ClosedDoorError` when the App is not installed on the repository, or the pull request does not exist.
 * https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app
 */
export async function locatePullRequest(
  github: GitHub,
  address: PullRequestAddress,
  signal: AbortSignal,
): Promise<LocatedPullRequest> {
  const { number, owner, repo } = address
  return read({ what: `finding ${owner}/${repo}#${number}`, signal }, async () => {
    const app = await github.app()
    const installed = await app.request('GET /repos/{owner}/{repo}/installation', { owner, repo, request: { signal } })
    const installationId = installation.parse(installed.data).id
    return readPullRequest(github, { ...address, installationId }, signal)
  })
}

/** Throws what GitHub answered. */
export async function readPullRequest(
  github: GitHubReads,
  at: PullRequestAddress & { installationId: number },
  signal: AbortSignal,
): Promise<LocatedPullRequest> {
  const { installationId, number, owner, repo } = at
  const octokit = await github.installation(installationId)
  const reply = await octokit.rest.pulls.get({ owner, repo, pull_number: number, request: { signal } })
  const { base, head, title, updated_at: updatedAt, user } = pullRequest.parse(reply.data)
  const names = { owner: base.repo.owner.login, repo: base.repo.name, number }
  const ids = { installationId, repositoryId: base.repo.id }
  return {
    ref: { ...ids, ...names, headSha: head.sha, baseRef: base.ref, kind: 'pull_request' },
    title,
    author: user?.login ?? 'ghost',
    updatedAt,
  }
}
