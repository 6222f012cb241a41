// A GitHub for one test, with our own client in front of it.
import { onTestFinished } from 'vitest'
import { type GitHub, type Octokit, createGitHub } from '../../src/github/client.ts'
import { type GitHubStandIn, startGitHub } from '../support/github/github.ts'
import type { PullRequest } from '../support/github/world/pull-request.ts'
import type { Repository, PullRequestOptions } from '../support/github/world/repository.ts'
import { createKeptLog } from '../support/log.ts'

export interface Stage {
  github: GitHubStandIn
  repository: Repository
  pull: PullRequest
  /** Asks as the App. */
  client: GitHub
  /** Asks as the App's installation. */
  octokit: Octokit
  /** For Octokit: where the repository and the pull request are. GitHub takes no parameters that it does not know. */
  repo: { owner: string; repo: string }
  at: { owner: string; repo: string; pull_number: number }
}

/** `src/a.ts` with ten lines, of which the pull request changes the second. */
export async function setUp(options: PullRequestOptions = {}): Promise<Stage> {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  const repository = await github.createRepository({ files: { 'src/a.ts': tenLines } })
  const pull = await repository.openPullRequest({ files: { 'src/a.ts': changeLine(2) }, ...options })
  const { id, privateKey } = github.app
  const client = createGitHub({ appId: id, privateKey, apiUrl: github.url, log: createKeptLog() })
  const octokit = await client.installation(repository.installation?.id ?? 0)
  const repo = { owner: repository.owner.login, repo: repository.name }
  return { github, repository, pull, client, octokit, repo, at: { ...repo, pull_number: pull.number } }
}

const tenLines = Array.from({ length: 10 }, (_, index) => `line ${index + 1}\n`).join('')

export function changeLine(number: number): string {
  return tenLines.replace(`line ${number}\n`, `line ${number}, changed\n`)
}

/** What GitHub said to a request that failed. */
export async function refusalOf(request: Promise<unknown>): Promise<{ status: number; message: string }> {
  return request.then(
    () => ({ status: 0, message: 'it did not fail' }),
    // Octokit's error.
    (error: { status: number; message: string }) => ({ status: error.status, message: error.message }),
  )
}
