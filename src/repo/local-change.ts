// A change in a local repository, as GitHub would give it as a pull request. What is not committed does not belong to it.
import { basename, dirname } from 'node:path'
import type { Codebase } from '../jobs/code/codebase.ts'
import { UserError } from '../review/errors.ts'
import type { Change, ChangedFile } from '../review/pull-request.ts'
import { parseDiff } from './diff-output.ts'
import { type Git, GitError } from './git.ts'
import { createGitCodebase } from './git-codebase.ts'
import { type LocalRange, resolveRange } from './local-range.ts'

export interface LocalChange {
  change: Change
  codebase: Codebase
}

/** GitHub's list of commits ends here. https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request */
const maxCommits = 250
const maxDiffBytes = 256 * 1024 * 1024
const timeoutMs = 60_000

/**
 * `range`: see `resolveRange`; HEAD without one. Throws a `UserError` with a sentence for people: no repository, no such
 * commit, no common history, nothing changed.
 */
export async function readLocalChange(
  git: Git,
  { folder, range = 'HEAD' }: { folder: string; range?: string },
  signal: AbortSignal,
): Promise<LocalChange> {
  const gitDir = await findGitDir(git, folder, signal)
  const found = await resolveRange({ git, gitDir, signal }, range)
  const files = await readFiles({ git, gitDir, signal }, found)
  const { base, baseName, head, headName } = found
  if (files.length === 0)
    throw new UserError(`Nothing changed: ${JSON.stringify(headName)} has what ${JSON.stringify(baseName)} had.`)
  const commits = await readCommits({ git, gitDir, signal }, found)
  const repo = basename(basename(gitDir) === '.git' ? dirname(gitDir) : gitDir)
  const change: Change = {
    // Zeros: nobody's. GitHub counts from 1.
    ref: {
      ...{ installationId: 0, repositoryId: 0, owner: 'local', repo, number: 0, kind: 'pull_request' },
      headSha: head,
      baseRef: baseName,
    },
    state: {
      ...{ headSha: head, baseSha: base, headRef: headName, baseRef: baseName },
      title: commits.length === 1 ? (commits[0] ?? '') : `${baseName}...${headName}`,
      ...{ body: '', author: 'local', open: true, draft: false, locked: false },
      changedFiles: files.length,
    },
    commits,
    files,
  }
  return { change, codebase: createGitCodebase({ git, gitDir, base, head }) }
}

interface Place {
  git: Git
  gitDir: string
  signal: AbortSignal
}

async function findGitDir(git: Git, folder: string, signal: AbortSignal): Promise<string> {
  const args = ['rev-parse', '--absolute-git-dir']
  try {
    return (await git.read({ what: 'looking for a repository', gitDir: { around: folder }, args, signal }))
      .toString()
      .replace(/\n$/, '')
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    if (error.answer.code === 127) throw new UserError('git is not installed.', { cause: error })
    throw new UserError(`${folder} is not in a git repository (${error.answer.complaint})`, { cause: error })
  }
}

/** As GitHub compares: git's own way to find renames, three lines of context, no drivers. */
async function readFiles({ git, gitDir, signal }: Place, { base, head }: LocalRange): Promise<ChangedFile[]> {
  const forms = ['-r', '-z', '--raw', '--numstat', '-p', '--no-color', '--no-abbrev', '--submodule=short']
  const how = ['--no-ext-diff', '--no-textconv', '--find-renames', '-l1000', '--unified=3']
  const output = await git.read({
    what: 'comparing two commits',
    gitDir,
    args: ['diff-tree', ...forms, ...how, base, head],
    signal,
    timeoutMs,
    maxBytes: maxDiffBytes,
  })
  return parseDiff(output.toString())
}

/** First lines, oldest first. */
async function readCommits({ git, gitDir, signal }: Place, { base, head }: LocalRange): Promise<string[]> {
  const args = ['log', '-z', '--reverse', '--topo-order', '--no-color', '--format=%B', `${base}..${head}`]
  const call = { what: 'reading commits', gitDir, args, signal, timeoutMs, maxBytes: 64 * 1024 * 1024 }
  const messages = (await git.read(call)).toString().split('\0').slice(0, maxCommits)
  return messages.map((message) => message.split('\n', 1)[0] ?? '').filter((line) => line !== '')
}
