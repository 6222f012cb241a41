import { z } from 'zod'
import { type PullRequestRef, pullRequestName } from '../review/pull-request.ts'
import type { CommitSha } from '../review/ids.ts'
import { answerOf, read } from './answer.ts'
import type { GitHubReads } from './client.ts'

/** A larger file has no content in the answer, and links, submodules and folders have another type. */
const textFile = z.object({ type: z.literal('file'), encoding: z.literal('base64'), content: z.string() })

export interface FileAtCommit {
  path: string
  sha: CommitSha
}

/**
 * Reads files of the pull request's repository at a commit; a fork's head is there too. Answers `undefined` for what is not
 * there, is no text in UTF-8, or is larger than 1 MB. Throws like any read.
 * https://docs.github.com/en/rest/repos/contents#get-repository-content
 */
export function createFileReader(github: GitHubReads) {
  return (ref: PullRequestRef, { path, sha }: FileAtCommit, signal: AbortSignal): Promise<string | undefined> =>
    read({ what: `reading a file of ${pullRequestName(ref)}`, signal }, async () => {
      const octokit = await github.installation(ref.installationId)
      const { owner, repo } = ref
      try {
        const reply = await octokit.rest.repos.getContent({ owner, repo, path, ref: sha, request: { signal } })
        const file = textFile.safeParse(reply.data)
        return file.success ? decode(Buffer.from(file.data.content, 'base64')) : undefined
      } catch (error) {
        const answer = answerOf(error)
        if (answer?.status === 404 && !answer.onToken) return undefined
        throw error
      }
    })
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
