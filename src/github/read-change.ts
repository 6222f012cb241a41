// Reads a pull request: its state, its files with patches, its commits.
//
// What must always hold: the files belong to the head they are reviewed under. GitHub's list of files takes no commit, so
// it is proved twice: each file's `contents_url` names the head, and head and base read after the list are the same as
// before it. https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
import { z } from 'zod'
import type { ChangeReader, Journal } from '../jobs/ports.ts'
import { ClosedDoorError } from '../review/errors.ts'
import {
  type Change,
  type ChangedFile,
  type PullRequestRef,
  type PullRequestState,
  pullRequestName,
} from '../review/pull-request.ts'
import { read } from './answer.ts'
import type { GitHubReads } from './client.ts'
import { id, sha } from './fields.ts'
import { perPage, readPages } from './pages.ts'

const pullRequest = z.object({
  title: z.string(),
  body: z.string().nullable(),
  state: z.string(),
  draft: z.boolean().optional(),
  locked: z.boolean(),
  changed_files: z.int(),
  user: z.object({ login: z.string() }).nullable(),
  head: z.object({ sha, ref: z.string() }),
  base: z.object({ sha, ref: z.string(), repo: z.object({ id }) }),
})

const file = z.object({
  filename: z.string(),
  previous_filename: z.string().optional(),
  status: z.enum(['added', 'removed', 'modified', 'renamed', 'copied', 'changed', 'unchanged']),
  additions: z.int(),
  deletions: z.int(),
  patch: z.string().optional(),
  contents_url: z.string(),
})
type File = z.infer<typeof file>

const commit = z.object({ commit: z.object({ message: z.string() }) })

/** A journal makes the slow read a step of its review: read once per head and base, whatever happens to the worker. */
export function createChangeReader(github: GitHubReads, journal?: Journal): ChangeReader {
  const readState: ChangeReader['readState'] = (ref, signal) =>
    read({ what: `reading ${pullRequestName(ref)}`, signal }, () => fetchState(github, ref, signal))

  return {
    readState,
    async readChange(ref, state, signal) {
      const readOnce = async () => ({ output: await readFilesAndCommits(github, { ref, state }, signal) })
      try {
        const input = { repositoryId: ref.repositoryId, number: ref.number, baseSha: state.baseSha }
        const step = journal
          ? journal.step(`change:${state.headSha}`, input, readOnce)
          : readOnce().then((one) => one.output)
        return { ref, state, ...(await step) }
      } catch (error) {
        if (error instanceof MovedError) return undefined
        throw error
      }
    },
  }
}

/** Thrown through the journal, so that a list of another head is never a finished step. */
class MovedError extends Error {
  override readonly name = 'MovedError'
}

type FilesAndCommits = Pick<Change, 'files' | 'commits'>

async function readFilesAndCommits(
  github: GitHubReads,
  at: { ref: PullRequestRef; state: PullRequestState },
  signal: AbortSignal,
): Promise<FilesAndCommits> {
  const { ref, state } = at
  const parameters = { ...pullParameters(ref), per_page: perPage, request: { signal } }
  return read({ what: `reading the files of ${pullRequestName(ref)}`, signal }, async () => {
    const octokit = await github.installation(ref.installationId)
    const files = await readPages(file, (page) => octokit.rest.pulls.listFiles({ ...parameters, page }))
    const commits = await readPages(commit, (page) => octokit.rest.pulls.listCommits({ ...parameters, page }))
    const after = await fetchState(github, ref, signal)
    if (hasMoved(state, after) || !files.every((one) => isAtHead(one, state)))
      throw new MovedError(`${pullRequestName(ref)} moved on while it was read`)
    return { files: files.map(toChangedFile), commits: commits.map((one) => firstLine(one.commit.message)) }
  })
}

async function fetchState(github: GitHubReads, ref: PullRequestRef, signal: AbortSignal): Promise<PullRequestState> {
  const octokit = await github.installation(ref.installationId)
  const reply = await octokit.rest.pulls.get({ ...pullParameters(ref), request: { signal } })
  const pull = pullRequest.parse(reply.data)
  // A repository was deleted or moved away, and another one took its name.
  if (pull.base.repo.id !== ref.repositoryId) throw new ClosedDoorError('The repository is not the one it was.')
  return {
    headSha: pull.head.sha,
    baseSha: pull.base.sha,
    headRef: pull.head.ref,
    baseRef: pull.base.ref,
    title: pull.title,
    body: pull.body ?? '',
    author: pull.user?.login ?? 'ghost',
    open: pull.state === 'open',
    draft: pull.draft ?? false,
    locked: pull.locked,
    changedFiles: pull.changed_files,
  }
}

function hasMoved(before: PullRequestState, after: PullRequestState): boolean {
  return before.headSha !== after.headSha || before.baseSha !== after.baseSha || before.baseRef !== after.baseRef
}

/** A removed file's address names the commit that still had it. */
function isAtHead(one: File, state: PullRequestState): boolean {
  return one.status === 'removed' || URL.parse(one.contents_url)?.searchParams.get('ref') === state.headSha
}

function toChangedFile(one: File): ChangedFile {
  return {
    path: one.filename,
    ...(one.previous_filename === undefined ? {} : { previousPath: one.previous_filename }),
    status: one.status,
    additions: one.additions,
    deletions: one.deletions,
    ...(one.patch === undefined ? {} : { patch: one.patch }),
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? ''
}

/** As Octokit names them. */
export function pullParameters(ref: PullRequestRef): { owner: string; repo: string; pull_number: number } {
  return { owner: ref.owner, repo: ref.repo, pull_number: ref.number }
}
