// A bare mirror of each repository, fetched by commit, and shared by all workers on this machine.
//
// What must always hold: nothing is checked out; commits are asked for by their full ids, never by a name; a mirror is a help
// and not a need, so whatever is wrong with it costs searching and history, never the review.
//
// The design: each fetch adds one pack and one ref for each commit; after some, the packs are put together. What cannot be
// read, or has grown too large with time, is thrown away and made anew once.
// Races: one process at a time prepares a mirror (a lock file); reading needs no lock, because a fetch only adds. Accepted: a
// mirror that is thrown away because it is broken is gone for its other readers too: what they ask of it is answered by saying that
// it could not be, and the next review makes it anew.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Codebase } from '../jobs/code/codebase.ts'
import type { Log } from '../jobs/ports.ts'
import { type CommitSha, commitSha } from '../review/ids.ts'
import { withFileLock } from './file-lock.ts'
import { type Git, GitError, type Remote } from './git.ts'
import { createGitCodebase } from './git-codebase.ts'
import { bytesOf, createMirrorFolder, type MirrorFolder } from './mirror-folder.ts'

export interface MirrorsOptions {
  git: Git
  /** Made when it is not there. */
  folder: string
  /** All mirrors together, and each alone. 0: there are none. */
  maxBytes: number
  /** PEM. See `writeTrustedCertificates`. */
  certificateFile: string | undefined
  log: Log
}

export interface MirrorSource {
  repositoryId: number
  /** `https://HOST/owner/repo.git` */
  url: string
  base: CommitSha
  head: CommitSha
  /** Asked for only when something has to be fetched. */
  token(): Promise<string | undefined>
}

export interface Mirrors {
  /**
   * `undefined`: too large, or it cannot be had now, which is logged. Rejects with the signal's reason, or a `TypeError` when
   * the source names no server.
   */
  open(source: MirrorSource, signal: AbortSignal): Promise<Codebase | undefined>
}

/**
 * Commits back from each one that is fetched: `blame` and the base of most pull requests are within it, and it costs little
 * more than one commit, because most of a repository is its newest files.
 */
const depth = 200
/** Each is looked through for each object, and one comes with each fetch. */
const maxPacks = 20
/** What takes longer is remembered like what is too large: the next review would wait as long for nothing. */
const fetchTimeoutMs = 180_000
const measureMs = 250

export function createMirrors(options: MirrorsOptions): Mirrors {
  const folder = createMirrorFolder(options.folder, options.maxBytes)
  /** Of this process: its reviews wait here, not at the file. */
  const turns = new Map<number, Promise<unknown>>()

  async function inTurn<T>(repositoryId: number, run: () => Promise<T>): Promise<T> {
    const before = turns.get(repositoryId)
    const turn = (async () => {
      await before?.catch(() => {})
      return run()
    })()
    turns.set(repositoryId, turn)
    try {
      return await turn
    } finally {
      if (turns.get(repositoryId) === turn) turns.delete(repositoryId)
    }
  }
  return {
    async open(source, signal) {
      if (options.maxBytes === 0) return undefined
      const { repositoryId } = source
      const opening = { ...options, folder, source: checked(source), signal }
      try {
        if (await folder.isTooLarge(repositoryId)) return undefined
        return await inTurn(repositoryId, async () => {
          await folder.create(repositoryId)
          return withFileLock(folder.lockFile(repositoryId), signal, () => open(opening))
        })
      } catch (error) {
        signal.throwIfAborted()
        const reason = error instanceof Error ? error.message : String(error)
        options.log.warn({ repositoryId, reason }, 'a repository has no mirror now; its files are asked for one by one')
        return undefined
      }
    },
  }
}

function checked(source: MirrorSource): MirrorSource {
  const { password, protocol, username } = new URL(source.url)
  if (!Number.isSafeInteger(source.repositoryId) || source.repositoryId < 0) throw new TypeError('not a repository id')
  if (!/^https?:$/.test(protocol) || username !== '' || password !== '') throw new TypeError('not the URL of a server')
  return { ...source, base: commitSha(source.base), head: commitSha(source.head) }
}

interface Opening extends Omit<MirrorsOptions, 'folder'> {
  folder: MirrorFolder
  source: MirrorSource
  signal: AbortSignal
}

class TooLargeError extends Error {
  override readonly name = 'TooLargeError'
}

async function open(opening: Opening): Promise<Codebase | undefined> {
  const { folder, signal, source } = opening
  const gitDir = await folder.create(source.repositoryId)
  const isNew = !(await isMirror(gitDir))
  try {
    await prepare(opening, gitDir)
  } catch (error) {
    signal.throwIfAborted()
    const isTooLarge = error instanceof TooLargeError
    if (!isTooLarge && !isNew && (await isWhole(opening, gitDir))) throw error
    await folder.remove(source.repositoryId)
    if (!isNew) return open(opening)
    if (!isTooLarge) throw error
    await folder.rememberTooLarge(source.repositoryId)
    opening.log.info({ repositoryId: source.repositoryId }, 'a repository is too large for a mirror')
    return undefined
  }
  await folder.touch(source.repositoryId)
  await folder.makeRoom()
  const { base, head } = source
  const onBroken = (): Promise<void> => folder.remove(source.repositoryId)
  return createGitCodebase({ git: opening.git, gitDir, base, head, onBroken })
}

async function isMirror(gitDir: string): Promise<boolean> {
  return (await readdir(gitDir)).includes('HEAD')
}

async function prepare(opening: Opening, gitDir: string): Promise<void> {
  const { folder, git, signal, source } = opening
  await folder.touch(source.repositoryId)
  if (!(await isMirror(gitDir))) {
    const format = source.head.length === 64 ? 'sha256' : 'sha1'
    const args = ['init', '--quiet', '--bare', '--template=', '--initial-branch=none', `--object-format=${format}`]
    await git.read({ what: 'making a mirror', gitDir, args, signal })
  }
  const commits = [...new Set([source.base, source.head])]
  const args = ['for-each-ref', '--format=%(objectname)', ...commits.map(refOf)]
  const known = (await git.read({ what: 'opening a mirror', gitDir, args, signal })).toString().split('\n')
  const missing = commits.filter((one) => !known.includes(one))
  if (missing.length === 0) return
  await fetch(opening, gitDir, missing)
  // Readers bear it: git looks again when a pack is gone.
  if ((await countPacks(gitDir)) > maxPacks) {
    const call = { what: 'putting packs together', gitDir, args: ['repack', '-a', '-d', '-q'], signal }
    await git.read({ ...call, remote: withoutToken(source), timeoutMs: fetchTimeoutMs })
  }
}

/** Written when all of the commit has arrived. */
const refOf = (commit: CommitSha): string => `refs/reviewed/${commit}`

async function countPacks(gitDir: string): Promise<number> {
  const names = await readdir(join(gitDir, 'objects', 'pack')).catch(() => [])
  return names.filter((name) => name.endsWith('.pack')).length
}

async function fetch(opening: Opening, gitDir: string, commits: readonly CommitSha[]): Promise<void> {
  const { git, maxBytes, signal } = opening
  const over = new AbortController()
  const done = new AbortController()
  const watching = watchSize({ gitDir, maxBytes, over }, done.signal)
  const options = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--no-auto-maintenance']
  try {
    const answer = await git.run({
      what: 'fetching',
      gitDir,
      args: ['fetch', ...options, `--depth=${depth}`, 'origin', ...commits.map((one) => `${one}:${refOf(one)}`)],
      signal: AbortSignal.any([signal, over.signal]),
      timeoutMs: fetchTimeoutMs,
      remote: await remoteOf(opening),
    })
    if (answer.stopped === 'time') throw new TooLargeError('fetching took too long')
    if (answer.code !== 0) throw new GitError('fetching', answer)
    if ((await bytesOf(gitDir)) > maxBytes) throw new TooLargeError('the mirror is too large')
  } finally {
    done.abort()
    await watching
  }
}

async function remoteOf({ certificateFile, source }: Opening): Promise<Remote> {
  return { url: source.url, token: await source.token(), certificateFile }
}

/** Knowing the remote's filter, git takes the absence of what was left out well. */
function withoutToken({ url }: MirrorSource): Remote {
  return { url, token: undefined, certificateFile: undefined }
}

async function watchSize(
  watch: { gitDir: string; maxBytes: number; over: AbortController },
  done: AbortSignal,
): Promise<void> {
  while (!done.aborted) {
    if ((await bytesOf(watch.gitDir)) > watch.maxBytes) watch.over.abort(new TooLargeError('the mirror is too large'))
    await sleep(measureMs, undefined, { signal: done }).catch(() => {})
  }
}

async function isWhole({ git, signal, source }: Opening, gitDir: string): Promise<boolean> {
  const args = ['fsck', '--connectivity-only', '--no-dangling', '--no-progress']
  const call = { what: 'checking a mirror', gitDir, args, signal, remote: withoutToken(source), timeoutMs: 60_000 }
  const answer = await git.run(call)
  return answer.code === 0 || answer.stopped !== undefined
}
