// What somebody at this machine types for "my change", as two commits. Every refusal is a `UserError` with what to do.
import { UserError } from '../review/errors.ts'
import { type CommitSha, commitSha } from '../review/ids.ts'
import type { Git } from './git.ts'

export interface LocalRange {
  /** As typed, or the default branch. */
  baseName: string
  headName: string
  /** What the change started from: the merge base. */
  base: CommitSha
  head: CommitSha
}

interface Place {
  git: Git
  gitDir: string
  signal: AbortSignal
}

/**
 * `BASE..HEAD` and `BASE...HEAD` are the same here: what HEAD did since it left BASE, as GitHub shows a pull request. A single
 * ref is compared with the default branch; a side that is left out is HEAD.
 */
export async function resolveRange(at: Place, range: string): Promise<LocalRange> {
  const [left, right] = range.includes('..') ? range.split(/\.{2,3}/, 2) : [undefined, range]
  const headName = right || 'HEAD'
  const head = await resolveCommit(at, headName)
  const baseName = left === undefined ? await findDefaultBranch(at) : left || 'HEAD'
  const base = await findMergeBase(at, [baseName, await resolveCommit(at, baseName)], [headName, head])
  return { baseName, headName, base, head }
}

async function resolveCommit(at: Place, name: string): Promise<CommitSha> {
  const found = await tryResolve(at, name)
  if (found === undefined) throw new UserError(`There is no commit ${JSON.stringify(name)} in this repository.`)
  return found
}

async function tryResolve({ git, gitDir, signal }: Place, name: string): Promise<CommitSha | undefined> {
  if (name.includes('\0')) return undefined
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]
  const { code, output } = await git.run({ what: 'resolving a name', gitDir, args, signal })
  const resolved = output.toString().trim()
  // `^main` is resolved to what is left out.
  return code === 0 && !resolved.startsWith('^') ? commitSha(resolved) : undefined
}

/** What the clone's origin calls so; else the usual names. */
async function findDefaultBranch(at: Place): Promise<string> {
  const names = ['origin/HEAD', 'main', 'master', 'origin/main', 'origin/master']
  for (const name of names) if ((await tryResolve(at, `refs/${remoteOrHead(name)}`)) !== undefined) return name
  throw new UserError('The default branch of this repository is not known. Say what to compare with: BASE..HEAD')
}

const remoteOrHead = (name: string): string => (name.startsWith('origin/') ? `remotes/${name}` : `heads/${name}`)

async function findMergeBase(
  { git, gitDir, signal }: Place,
  [baseName, base]: [string, CommitSha],
  [headName, head]: [string, CommitSha],
): Promise<CommitSha> {
  const call = { what: 'finding where the change started', gitDir, signal }
  const { code, output } = await git.run({ ...call, args: ['merge-base', base, head], timeoutMs: 60_000 })
  if (code === 0) return commitSha(output.toString().trim())
  const names = `${JSON.stringify(baseName)} and ${JSON.stringify(headName)}`
  const isShallow = (await git.read({ ...call, args: ['rev-parse', '--is-shallow-repository'] })).toString().trim()
  if (isShallow === 'true')
    throw new UserError(
      `This clone is shallow, and what it has does not reach back to where ${names} part. Run: git fetch --unshallow`,
    )
  throw new UserError(`${names} have no commit in common.`)
}
