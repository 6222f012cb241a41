// What the tests of `src/repo/` stand on: a folder that goes with the test, a repository in it, and our own git.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createGit } from '../../src/repo/git.ts'
import { commitSha, type CommitSha } from '../../src/review/ids.ts'
import { createCommit, type Files, initRepository } from '../support/github/world/git.ts'

export const patient: AbortSignal = new AbortController().signal

export const git = createGit({ PATH: process.env['PATH'] ?? '' })

export async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-repo-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A bare repository with one commit for each set of files, on `main`. */
export async function createRepository(
  root: string,
  ...history: Files[]
): Promise<{ gitDir: string; commits: CommitSha[] }> {
  const gitDir = join(root, 'served.git')
  await initRepository(gitDir)
  const commits: CommitSha[] = []
  for (const [index, files] of history.entries()) commits.push(await addCommit(gitDir, files, commits.at(-1), index))
  return { gitDir, commits }
}

export async function addCommit(gitDir: string, files: Files, parent?: string, index = 0): Promise<CommitSha> {
  const message = `Commit ${index}\n\nIts reasons.\n`
  return commitSha(await createCommit(gitDir, { branch: 'main', message, files, ...(parent ? { parent } : {}) }))
}

/** Everything below a folder, as one text. */
export async function allTextBelow(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
  return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n')
}
