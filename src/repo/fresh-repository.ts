// A repository with two commits, made from two states of files: so that what is reviewed has no past and no future.
//
// What must always hold: the same files give the same commit ids on every machine, because a recorded run is found again by
// them. So names and dates are fixed, and nothing is checked out.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type CommitSha, commitSha } from '../review/ids.ts'
import { createGit, type Git } from './git.ts'

export interface FreshRepository {
  /** Of the base: a folder. */
  base: string
  /** Another folder, or what `git diff` wrote for the base. */
  head: { kind: 'tree'; folder: string } | { kind: 'patch'; file: string }
  /** Message of the second commit. */
  message: string
}

const identity = {
  GIT_AUTHOR_NAME: 'Author',
  GIT_AUTHOR_EMAIL: 'author@example.invalid',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Author',
  GIT_COMMITTER_EMAIL: 'author@example.invalid',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
}

/**
 * Makes it in `dir`, which is made when it is not there. `environment`: as `createGit` takes it. Throws a `GitError` when the
 * patch does not fit.
 */
export async function createFreshRepository(
  { dir, environment }: { dir: string; environment: Readonly<Record<string, string>> },
  { base, head, message }: FreshRepository,
  signal: AbortSignal,
): Promise<{ base: CommitSha; head: CommitSha }> {
  const git = createGit({ ...environment, ...identity })
  await mkdir(dir, { recursive: true })
  const around = { around: dir }
  const init = ['init', '--quiet', '--template=', '--initial-branch=head', '--object-format=sha1']
  await git.read({ what: 'making a repository', gitDir: around, args: init, signal })
  const writer = { git, gitDir: join(dir, '.git'), signal }
  await take(writer, base)
  const first = await commit(writer, 'Base', [])
  if (head.kind === 'tree') await take(writer, head.folder)
  else await run(writer, 'applying the patch of a case', ['apply', '--cached', '--whitespace=nowarn', head.file])
  const second = await commit(writer, message, [first])
  await run(writer, 'naming a commit', ['update-ref', 'refs/heads/base', first])
  await run(writer, 'naming a commit', ['update-ref', 'refs/heads/head', second])
  return { base: first, head: second }
}

interface Writer {
  git: Git
  gitDir: string
  signal: AbortSignal
}

async function run({ git, gitDir, signal }: Writer, what: string, args: string[]): Promise<string> {
  return (await git.read({ what, gitDir, args, signal, timeoutMs: 60_000 })).toString().trim()
}

/** Everything in the folder, and nothing else, is what is committed next. */
async function take(writer: Writer, folder: string): Promise<void> {
  await run(writer, 'reading the files of a case', [`--work-tree=${folder}`, 'add', '--all', '--force', '.'])
}

async function commit(writer: Writer, message: string, parents: CommitSha[]): Promise<CommitSha> {
  const what = 'committing the files of a case'
  const tree = await run(writer, what, ['write-tree'])
  const of = parents.flatMap((parent) => ['-p', parent])
  return commitSha(await run(writer, what, ['commit-tree', tree, ...of, '-m', message]))
}
