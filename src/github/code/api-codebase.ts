// The codebase of a review through GitHub's API, for repositories without a mirror: files and folders, each a request.
// Searching by API would take an index of the default branch for the head; there is no blame but by GraphQL.
import { z } from 'zod'
import type { Codebase, Revision } from '../../jobs/code/codebase.ts'
import type { CommitSha } from '../../review/ids.ts'
import { type PullRequestRef, pullRequestName } from '../../review/pull-request.ts'
import { answerOf, read } from '../answer.ts'
import type { GitHubReads } from '../client.ts'
import { createFileReader } from '../read-file.ts'

/** Submodules are of type `file` in lists of old servers, which does no harm: they cannot be read. */
const folder = z.array(z.object({ name: z.string(), type: z.string() }))

/**
 * GitHub lists at most 1,000 entries of a folder. https://docs.github.com/en/rest/repos/contents#get-repository-content
 * Throws like any read.
 */
export function createApiCodebase(
  github: GitHubReads,
  { commits, ref }: { ref: PullRequestRef; commits: Record<Revision, CommitSha> },
): Codebase {
  const readFile = createFileReader(github)
  const what = `listing a folder of ${pullRequestName(ref)}`
  return {
    readFile: async (path, at, signal) =>
      isPath(path) ? readFile(ref, { path, sha: commits[at] }, signal) : undefined,
    list: async (path, signal) => {
      if (path !== '' && !isPath(path)) return []
      return read({ what, signal }, async () => {
        const octokit = await github.installation(ref.installationId)
        const { owner, repo } = ref
        const parameters = { owner, repo, path, ref: commits.head, request: { signal } }
        try {
          const found = folder.safeParse((await octokit.rest.repos.getContent(parameters)).data)
          if (!found.success) return []
          return found.data.map(({ name, type }) => (type === 'dir' ? `${name}/` : name)).toSorted()
        } catch (error) {
          const answer = answerOf(error)
          if (answer?.status === 404 && !answer.onToken) return []
          throw error
        }
      })
    },
  }
}

/** `..` would be folded away on the way, and ask another route. */
function isPath(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
