// What `git diff-tree -z --raw --numstat -p` prints, as GitHub lists the files of a pull request.
// https://git-scm.com/docs/git-diff-tree#_raw_output_format
import type { ChangedFile, FileStatus } from '../review/pull-request.ts'

/** GitHub's limits for one file. https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits#diff-limits */
const maxPatchLines = 20_000
const maxPatchBytes = 500 * 1024

/** An empty record stands between the listing and the patches, which come in the same order. */
export function parseDiff(output: string): ChangedFile[] {
  const at = output.indexOf('\0\0')
  const { counts, entries } = parseListing((at < 0 ? output : output.slice(0, at)).split('\0'))
  const sections = at < 0 ? [] : splitSections(output.slice(at + 2))
  return entries.map((entry, index) => {
    // A file that became a link, or the other way round, is printed as a removal and an addition. GitHub shows neither.
    const [section = ''] = sections.splice(0, entry.status === 'changed' ? 2 : 1)
    const patch = entry.status === 'changed' ? undefined : patchOf(section)
    return { ...entry, ...(counts[index] ?? noLines), ...(patch === undefined ? {} : { patch }) }
  })
}

type Entry = Pick<ChangedFile, 'path' | 'previousPath' | 'status'>
type Counts = Pick<ChangedFile, 'additions' | 'deletions'>

const noLines: Counts = { additions: 0, deletions: 0 }

const statuses: Readonly<Record<string, FileStatus>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  T: 'changed',
}

/** First `:modes blobs status`, path, and a second path for renames; then the numbers, in the same order. */
function parseListing(fields: string[]): { entries: Entry[]; counts: Counts[] } {
  const entries: Entry[] = []
  const counts: Counts[] = []
  const rest = fields.values()
  const next = (): string => rest.next().value ?? ''
  for (const first of rest) {
    if (first.startsWith(':')) entries.push(parseEntry(first, next))
    else if (first !== '') counts.push(parseCounts(first, next))
  }
  return { entries, counts }
}

function parseEntry(head: string, next: () => string): Entry {
  const status = statuses[head.split(' ')[4]?.charAt(0) ?? '']
  if (!status) throw new Error('git reports a change of an unknown kind')
  const path = next()
  return status === 'renamed' ? { path: next(), previousPath: path, status } : { path, status }
}

/** `additions TAB deletions TAB path`; for renames the path is empty and two more fields follow. Binary files: dashes. */
function parseCounts(head: string, next: () => string): Counts {
  const [additions, deletions, path] = head.split('\t')
  if (path === '') for (const _ of ['from', 'to']) next()
  return { additions: Number(additions) || 0, deletions: Number(deletions) || 0 }
}

/** No line of a hunk starts with this: they all start with a blank, a sign, a backslash or an at sign. */
function splitSections(patches: string): string[] {
  return `\n${patches}`.split('\ndiff --git ').slice(1)
}

function patchOf(section: string): string | undefined {
  const start = section.indexOf('\n@@ ')
  if (start < 0) return undefined
  const patch = section.slice(start + 1).replace(/\n$/, '')
  const isTooLarge = Buffer.byteLength(patch) > maxPatchBytes || patch.split('\n').length > maxPatchLines
  return isTooLarge ? undefined : patch
}
