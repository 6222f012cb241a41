// A repository with two commits, made from two states of files: so that what is reviewed has no past and no future.
//
// What must always hold: the same files give the same commit ids on every machine, because a recorded run is found again by
// them. So names and dates are fixed, and nothing is checked out.
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CommitSha, commitSha } from '../review/ids.ts'
import { createGit, type Git, type GitCall } from './git.ts'

export type CommittedFiles =
  | { kind: 'folder'; folder: string }
  /** What `git diff` wrote for the base. */
  | { kind: 'patch'; file: string }
  /** Those of a commit of another repository on this machine, bare or not, whose objects are read where they are. */
  | { kind: 'commit'; dir: string; commit: string }

export interface FreshRepository {
  base: CommittedFiles
  head: CommittedFiles
  /** Of the second commit. */
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
 * patch does not fit, or there is no such commit.
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
  const first = await commit(writer, { tree: await treeOf(writer, base), message: 'Base', parents: [] })
  const second = await commit(writer, { tree: await treeOf(writer, head), message, parents: [first] })
  await run(writer, 'naming a commit', ['update-ref', 'refs/heads/base', first])
  await run(writer, 'naming a commit', ['update-ref', 'refs/heads/head', second])
  return { base: first, head: second }
}

interface Writer {
  git: Git
  gitDir: string
  signal: AbortSignal
}

type Place = Pick<GitCall, 'gitDir' | 'signal'> & { git: Git }

async function run({ git, gitDir, signal }: Place, what: string, args: string[]): Promise<string> {
  return (await git.read({ what, gitDir, args, signal, timeoutMs: 60_000 })).toString().trim()
}

async function treeOf(writer: Writer, files: CommittedFiles): Promise<string> {
  if (files.kind === 'commit') return borrowTree(writer, files)
  // Everything in the folder, and nothing else.
  const args =
    files.kind === 'folder'
      ? [`--work-tree=${files.folder}`, 'add', '--all', '--force', '.']
      : ['apply', '--cached', '--whitespace=nowarn', files.file]
  await run(writer, files.kind === 'folder' ? 'reading the files of a case' : 'applying the patch of a case', args)
  return run(writer, 'committing the files of a case', ['write-tree'])
}

/** https://git-scm.com/docs/gitrepository-layout#Documentation/gitrepository-layout.txt-objectsinfoalternates */
async function borrowTree(writer: Writer, from: { dir: string; commit: string }): Promise<string> {
  const source = { ...writer, gitDir: existsSync(join(from.dir, '.git')) ? { around: from.dir } : from.dir }
  const what = `reading the commit ${from.commit} of ${from.dir}`
  const objects = await run(source, what, ['rev-parse', '--path-format=absolute', '--git-path', 'objects'])
  await writeFile(join(writer.gitDir, 'objects/info/alternates'), `${objects}\n`)
  return run(source, what, ['rev-parse', '--verify', '--end-of-options', `${from.commit}^{tree}`])
}

async function commit(
  writer: Writer,
  { message, parents, tree }: { message: string; parents: CommitSha[]; tree: string },
): Promise<CommitSha> {
  const of = parents.flatMap((parent) => ['-p', parent])
  return commitSha(await run(writer, 'committing the files of a case', ['commit-tree', tree, ...of, '-m', message]))
}
