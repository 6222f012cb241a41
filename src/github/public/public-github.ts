// Pull requests that everybody can see, on repositories where the App is not installed: read only, with a token or without.
import { pino } from 'pino'
import { ProbotOctokit } from 'probot'
import { ClosedDoorError, ParkedError, UserError } from '../../review/errors.ts'
import { answerOf, read } from '../answer.ts'
import type { GitHub, GitHubReads } from '../client.ts'
import { createGitHubFetch } from '../fetch.ts'
import { type LocatedPullRequest, locatePullRequest, type PullRequestAddress, readPullRequest } from '../locate.ts'

export interface PublicGitHubOptions {
  apiUrl: string
  /** Anybody's: it needs no permission. Without one GitHub answers 60 requests an hour. */
  token: string | undefined
}

/** In place of an installation's id, of which GitHub's begin at 1. */
export const noInstallation = 0

/** One client for everything, whatever installation is asked for. */
export function createPublicGitHub({ apiUrl, token }: PublicGitHubOptions): GitHubReads {
  const octokit = new ProbotOctokit({
    baseUrl: apiUrl,
    ...(token === undefined ? {} : { auth: { token } }),
    userAgent: 'plumbline',
    throttle: { enabled: false },
    retry: { enabled: false },
    request: { fetch: createGitHubFetch(apiUrl) },
    log: pino({ level: 'silent' }),
  })
  return { installation: async () => octokit }
}

/** Throws `ClosedDoorError` when there is no such pull request for us, `UserError` when GitHub answers no more for now. */
async function locatePublicPullRequest(
  github: GitHubReads,
  address: PullRequestAddress,
  signal: AbortSignal,
): Promise<LocatedPullRequest> {
  const { number, owner, repo } = address
  try {
    return await read({ what: `finding ${owner}/${repo}#${number}`, signal }, () =>
      readPullRequest(github, { ...address, installationId: noInstallation }, signal).catch(refuseToken),
    )
  } catch (error) {
    if (error instanceof ParkedError)
      throw new UserError('GitHub answers no more requests for now. With GITHUB_TOKEN set it answers more.')
    if (error instanceof ClosedDoorError)
      throw new ClosedDoorError('There is no such pull request, or only people whom its repository lets in can see it.')
    throw error
  }
}

function refuseToken(error: unknown): never {
  if (answerOf(error)?.status === 401)
    throw new UserError('GitHub does not accept GITHUB_TOKEN. Replace it, or leave it out.')
  throw error
}

/** Where the App is installed, it reads; elsewhere anybody may. Throws as the two do. */
export async function locateAnywhere(
  github: { app: GitHub; anybody: GitHubReads },
  address: PullRequestAddress,
  signal: AbortSignal,
): Promise<LocatedPullRequest> {
  try {
    return await locatePullRequest(github.app, address, signal)
  } catch (error) {
    if (!(error instanceof ClosedDoorError)) throw error
    return locatePublicPullRequest(github.anybody, address, signal)
  }
}
