// What a pull request is to us. GitHub's JSON ends at `src/github/`; from there on only these shapes are used.
import type { CommitSha } from './ids.ts'

/** `pull_request`: a review with comments, whoever asked. `merge_group`: a merge queue's commit, check run only. */
export type ReviewKind = 'pull_request' | 'merge_group'

/** Enough to find the work again. Rows key on the numeric ids; names are only used to build URLs. */
export interface PullRequestRef {
  installationId: number
  repositoryId: number
  owner: string
  repo: string
  number: number
  headSha: CommitSha
  /** The base branch's name, never its commit: the base moving on is not a reason to review again. */
  baseRef: string
  kind: ReviewKind
}

/** What GitHub says about the pull request at this moment. Never journaled: it can be different a second later. */
export interface PullRequestState {
  headSha: CommitSha
  baseSha: CommitSha
  headRef: string
  baseRef: string
  title: string
  body: string
  /** The author's login, as GitHub writes it (`dependabot[bot]`). */
  author: string
  open: boolean
  draft: boolean
  locked: boolean
  /** GitHub's own count; the list of files stops at 3,000. https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files */
  changedFiles: number
}

export type FileStatus = 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed' | 'unchanged'

/** One entry of GitHub's list of a pull request's files. */
export interface ChangedFile {
  path: string
  /** Set for renames and copies. */
  previousPath?: string
  status: FileStatus
  additions: number
  deletions: number
  /** Hunks only, without file headers; missing for binary files and for patches that GitHub found too large. */
  patch?: string
}

/** What we read of a pull request at one head commit. */
export interface Change {
  ref: PullRequestRef
  state: PullRequestState
  /** First lines of the commit messages, oldest first, at most 250 (GitHub's limit). */
  commits: string[]
  files: ChangedFile[]
}

/** `owner/repo#number`, for people and for logs. */
export function pullRequestName(ref: Pick<PullRequestRef, 'owner' | 'repo' | 'number'>): string {
  return `${ref.owner}/${ref.repo}#${ref.number}`
}
