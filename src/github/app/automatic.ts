// Which pull requests are reviewed without being asked, whether a delivery told of them or a list did.
import { z } from 'zod'
import type { PullRequestRef } from '../../review/pull-request.ts'
import { id, repositoryName, sha } from '../fields.ts'

export const repositoryFields = z.object({ id, name: repositoryName, owner: z.object({ login: repositoryName }) })
type Repository = z.infer<typeof repositoryFields>

/** As payloads and lists have it. */
export const pullRequestFields = z.object({
  number: id,
  title: z.string(),
  state: z.string(),
  draft: z.boolean().optional(),
  updated_at: z.iso.datetime({ offset: true }),
  // `null` when the account was deleted.
  user: z.object({ login: z.string().min(1) }).nullable(),
  head: z.object({ sha }),
  base: z.object({ ref: z.string().min(1) }),
})
type PullRequest = z.infer<typeof pullRequestFields>

/** Their pull requests change dependencies and generated files; a person can still ask for a review. */
const ignoredAuthors = ['dependabot[bot]', 'renovate[bot]', 'github-actions[bot]']

/** `undefined`: it is reviewed. `ownLogin` is the login of the App's own user. */
export function reasonToLeave({ draft, state, user }: PullRequest, ownLogin?: string): string | undefined {
  if (state !== 'open') return 'the pull request is closed'
  if (draft) return 'the pull request is a draft'
  const login = user?.login.toLowerCase()
  if (login !== undefined && (ignoredAuthors.includes(login) || login === ownLogin?.toLowerCase()))
    return `pull requests of ${login} are not reviewed without being asked`
  return undefined
}

export interface AutomaticHead {
  ref: PullRequestRef
  title: string
  author: string
  /** ISO 8601. */
  updatedAt: string
}

export function headOf(pullRequest: PullRequest, repository: Repository, installationId: number): AutomaticHead {
  const { base, head, number, title, updated_at: updatedAt, user } = pullRequest
  const names = { owner: repository.owner.login, repo: repository.name }
  const ids = { installationId, repositoryId: repository.id }
  return {
    ref: { ...ids, ...names, number, headSha: head.sha, baseRef: base.ref, kind: 'pull_request' },
    title,
    author: user?.login ?? 'ghost',
    updatedAt,
  }
}
