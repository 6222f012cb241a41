// The codebase of a review out of git's object store: a mirror, or the repository of whoever sits at this machine.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Codebase, Revision, SearchQuery, SearchResult } from '../jobs/code/codebase.ts'
import { type CommitSha, commitSha } from '../review/ids.ts'
import { parseBlame } from './blame.ts'
import { type Git, type GitCall, GitError, maxFileBytes } from './git.ts'
import { isGitPath } from './git-path.ts'
import { createHitParser } from './hits.ts'

export interface GitCodebaseOptions {
  git: Git
  gitDir: string
  base: CommitSha
  head: CommitSha
  /** Something that must be there cannot be read. */
  onBroken?(): Promise<void>
}

/** A pattern takes its time for each line, and a model waits for the answer. */
const searchTimeoutMs = 5_000
/** Nested repetitions in a pattern take whatever there is. */
const searchMemoryMb = 1024
/** Read, not kept. */
const maxSearchBytes = 64 * 1024 * 1024
const maxPatternLength = 1_000

export function createGitCodebase(options: GitCodebaseOptions): Codebase {
  const commits: Record<Revision, CommitSha> = { base: commitSha(options.base), head: commitSha(options.head) }
  const at = { ...options, head: commits.head }
  return {
    readFile: async (path, revision, signal) => readText(at, { path, commit: commits[revision] }, signal),
    list: (folder, signal) => listFolder(at, folder, signal),
    search: (query, signal) => search(at, query, signal),
    async history(path, { first, last }, signal) {
      if (!isGitPath(path) || first < 1 || last < first) return []
      const args = ['blame', '--no-textconv', '--porcelain', '-L', `${first},${last}`, commits.head, '--', path]
      const what = 'reading who changed lines'
      const { code, output } = await at.git.run({ what, gitDir: at.gitDir, signal, args })
      // Lines behind the end, a file that was too large once, or too long a search: there is nothing to tell.
      return code === 0 ? parseBlame(output.toString(), await readShallow(at.gitDir)) : []
    },
  }
}

/** Commits whose parents are not there: what blame finds there may be older. */
async function readShallow(gitDir: string): Promise<ReadonlySet<string>> {
  const text = await readFile(join(gitDir, 'shallow'), 'utf8').catch(() => '')
  return new Set(text.split('\n'))
}

async function readText(
  at: GitCodebaseOptions,
  { commit, path }: { commit: CommitSha; path: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!isGitPath(path)) return undefined
  const what = 'reading a file'
  const listed = await readSound(at, { what, signal, args: ['ls-tree', '-z', '-l', commit, '--', path] })
  const blob = toEntries(listed).find((one) => one.path === path && one.kind === 'file')
  // Of a file that was left out when it was fetched, no size is known.
  if (!blob || !(blob.bytes < maxFileBytes)) return undefined
  return decode(await readSound(at, { what, signal, args: ['cat-file', 'blob', blob.id] }))
}

async function listFolder(at: GitCodebaseOptions, folder: string, signal: AbortSignal): Promise<string[]> {
  if (folder !== '' && !isGitPath(folder)) return []
  const below = folder === '' ? [] : ['--', `${folder}/`]
  const args = ['ls-tree', '-z', '-l', at.head, ...below]
  return toEntries(await readSound(at, { what: 'listing a folder', signal, args }))
    .map(({ kind, path }) => `${path.slice(path.lastIndexOf('/') + 1)}${kind === 'folder' ? '/' : ''}`)
    .toSorted()
}

/** What is read here was whole when it was fetched. */
async function readSound(at: GitCodebaseOptions, call: Omit<GitCall, 'gitDir'>): Promise<Buffer> {
  try {
    return await at.git.read({ gitDir: at.gitDir, ...call })
  } catch (error) {
    if (error instanceof GitError && error.answer.code !== undefined) await at.onBroken?.()
    throw error
  }
}

interface Entry {
  path: string
  kind: 'file' | 'folder' | 'other'
  id: string
  /** NaN where git knows no size. */
  bytes: number
}

/** `mode type id size TAB path`. Links and submodules are listed, never followed. */
function toEntries(listed: Buffer): Entry[] {
  return [...listed.toString().matchAll(/(\d+) \w+ ([0-9a-f]+) +(\S+)\t([^\0]+)\0/g)].map(
    ([, mode = '', id = '', size, path = '']) => ({ path, kind: kindOf(mode), id, bytes: Number(size) }),
  )
}

function kindOf(mode: string): Entry['kind'] {
  if (mode === '040000') return 'folder'
  return mode.startsWith('100') ? 'file' : 'other'
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

async function search(at: GitCodebaseOptions, query: SearchQuery, signal: AbortSignal): Promise<SearchResult> {
  const { ignoreCase, kind, most, pattern, under, wholeWord } = query
  // Git would take several lines for several patterns; no line holds any of these.
  if (pattern === '' || /[\0\n]/.test(pattern)) return { hits: [], incomplete: false }
  if (pattern.length > maxPatternLength)
    return { hits: [], incomplete: true, refused: `it is longer than ${maxPatternLength} characters` }
  if (under !== undefined && under !== '' && !isGitPath(under)) return { hits: [], incomplete: false }
  const parser = createHitParser(at.head, most)
  const form = ['-I', '-n', '-z', '--full-name', '--no-column', '--no-color', '--threads=1', '--no-textconv']
  const how = [kind === 'regex' ? '-E' : '-F', ...(wholeWord ? ['-w'] : []), ...(ignoreCase ? ['-i'] : [])]
  const answer = await at.git.run({
    what: 'searching',
    gitDir: at.gitDir,
    signal,
    args: ['grep', ...form, ...how, '-e', pattern, at.head, '--', ...(under ? [under] : [])],
    timeoutMs: searchTimeoutMs,
    memoryMb: searchMemoryMb,
    maxBytes: maxSearchBytes,
    onOutput: parser.push,
  })
  // 1: nothing found. https://git-scm.com/docs/git-grep
  const { code = 2, complaint, stopped } = answer
  if (code > 1 && !stopped && parser.hits.length === 0) return { hits: [], incomplete: true, refused: complaint }
  return { hits: parser.hits, incomplete: code > 1 || stopped !== undefined }
}
