import { z } from 'zod'
import { type PullRequestRef, pullRequestName } from '../review/pull-request.ts'
import type { CommitSha } from '../review/ids.ts'
import { answerOf, read } from './answer.ts'
import type { GitHubReads } from './client.ts'

/** A larger file has no content in the answer, and links, submodules and folders have another type. */
const textFile = z.object({ type: z.literal('file'), encoding: z.literal('base64'), content: z.string() })

/** In UTF-16 units, of all files together. */
const maxKept = 8 * 1024 * 1024

interface FileAtCommit {
  path: string
  sha: CommitSha
}

export type FileReader = (at: FileAtCommit, signal: AbortSignal) => Promise<string | undefined>

/**
 * Reads files of the pull request's repository at a commit; a fork's head is there too. Answers `undefined` for what is not
 * there, is no text in UTF-8, or is larger than 1 MB. Throws like any read.
 *
 * One for each review: its checks, its reviewers and its verifier ask for the same files, each a request of the installation's
 * 5,000 in an hour. What a commit has never changes, so it is kept; what was not there is asked for again.
 * https://docs.github.com/en/rest/repos/contents#get-repository-content
 */
export function createFileReader(github: GitHubReads, ref: PullRequestRef): FileReader {
  const kept = new Map<string, string>()
  let room = maxKept
  return async ({ path, sha }, signal) => {
    const known = kept.get(`${sha} ${path}`)
    if (known !== undefined) return known
    const file = textFile.safeParse(await readContent(github, ref, { path, sha, signal }))
    const text = file.success ? decode(Buffer.from(file.data.content, 'base64')) : undefined
    if (text !== undefined && text.length <= room) {
      kept.set(`${sha} ${path}`, text)
      room -= text.length
    }
    return text
  }
}

/** What the repository has at the path: a file, the entries of a folder, a link; `undefined`: nothing. */
export function readContent(
  github: GitHubReads,
  ref: PullRequestRef,
  { path, sha, signal }: FileAtCommit & { signal: AbortSignal },
): Promise<unknown> {
  return read({ what: `reading contents of ${pullRequestName(ref)}`, signal }, async () => {
    const octokit = await github.installation(ref.installationId)
    const { owner, repo } = ref
    try {
      return (await octokit.rest.repos.getContent({ owner, repo, path, ref: sha, request: { signal } })).data
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
