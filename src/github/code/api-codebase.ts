// The codebase of a review through GitHub's API, for repositories without a mirror: files and folders, each a request.
// Searching by API would take an index of the default branch for the head; there is no blame but by GraphQL.
import { z } from 'zod'
import type { Codebase, Revision } from '../../jobs/code/codebase.ts'
import type { CommitSha } from '../../review/ids.ts'
import type { PullRequestRef, PullRequestState } from '../../review/pull-request.ts'
import type { GitHubReads } from '../client.ts'
import { type FileReader, readContent } from '../read-file.ts'

/** Submodules are of type `file` in lists of old servers, which does no harm: they cannot be read. */
const folder = z.array(z.object({ name: z.string(), type: z.string() }))

/**
 * GitHub lists at most 1,000 entries of a folder. https://docs.github.com/en/rest/repos/contents#get-repository-content
 * Throws like any read.
 */
export function createApiCodebase(
  github: GitHubReads,
  { ref, state }: { ref: PullRequestRef; state: Pick<PullRequestState, 'baseSha' | 'headSha'> },
  readFile: FileReader,
): Codebase {
  const commits: Record<Revision, CommitSha> = { base: state.baseSha, head: state.headSha }
  return {
    readFile: async (path, at, signal) => (isPath(path) ? readFile({ path, sha: commits[at] }, signal) : undefined),
    list: async (path, signal) => {
      if (path !== '' && !isPath(path)) return []
      const found = folder.safeParse(await readContent(github, ref, { path, sha: state.headSha, signal }))
      if (!found.success) return []
      return found.data.map(({ name, type }) => (type === 'dir' ? `${name}/` : name)).toSorted()
    },
  }
}

/** `..` would be folded away on the way, and ask another route. */
function isPath(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
