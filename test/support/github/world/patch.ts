// The files of a pull request as GitHub lists them, computed by `git diff` between merge base and head.
import { git } from './git.ts'

/** One entry of the list, without the addresses. */
export interface FileDiff {
  path: string
  previousPath?: string
  status: 'added' | 'removed' | 'modified' | 'renamed' | 'changed'
  /** Of the file at the head, or of the removed file. */
  blobSha: string
  additions: number
  deletions: number
  /** Hunks without file headers; missing for binary files, changes without lines, and files that are too large. */
  patch?: string
}

/** GitHub's limits for one file's diff. https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits#diff-limits */
const maxPatchLines = 20_000
const maxPatchBytes = 500 * 1024
/** https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files */
const maxFiles = 3_000

/** GitHub finds renames with git's own default, half of the lines alike. */
const diffOptions = ['--no-ext-diff', '--no-textconv', '--find-renames', '-l0']

export async function diffFiles(directory: string, from: string, to: string): Promise<FileDiff[]> {
  const forms = ['-r', '-z', '--no-abbrev', '--raw', '--numstat', '-p', '--no-color']
  const output = (await git(directory, ['diff-tree', ...forms, ...diffOptions, from, to])).toString()
  // With -z an empty record stands between the listing and the patches.
  const [listing = '', patches = ''] = splitOnce(output, '\0\0')
  const { counts, entries } = parseListing(listing.split('\0'))
  const sections = splitSections(patches)
  return entries.slice(0, maxFiles).map((entry, index) => {
    // A file that became a link, or the other way round, is printed as a removal and an addition.
    const section = sections.splice(0, entry.status === 'changed' ? 2 : 1)
    const patch = entry.status === 'changed' ? undefined : patchOf(section[0] ?? '')
    return { ...entry, ...(counts[index] ?? { additions: 0, deletions: 0 }), ...(patch === undefined ? {} : { patch }) }
  })
}

type Entry = Omit<FileDiff, 'additions' | 'deletions' | 'patch'>
type Counts = Pick<FileDiff, 'additions' | 'deletions'>

const statuses: Record<string, FileDiff['status']> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  T: 'changed',
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}

/** With -z: `:modes blobs status`, path, and a second path for renames; then the numbers, in the same order. */
function parseListing(fields: string[]): { entries: Entry[]; counts: Counts[] } {
  const entries: Entry[] = []
  const counts: Counts[] = []
  while (fields.length > 0) {
    const first = fields.shift() ?? ''
    if (first === '') continue
    if (first.startsWith(':')) entries.push(parseEntry(first, fields))
    else counts.push(parseCounts(first, fields))
  }
  return { entries, counts }
}

function parseEntry(head: string, fields: string[]): Entry {
  const [, , oldBlob = '', newBlob = '', letter = ''] = head.split(' ')
  const status = statuses[letter.charAt(0)]
  if (!status) throw new Error(`git reports a change of an unknown kind: ${head}`)
  const path = fields.shift() ?? ''
  const blobSha = status === 'removed' ? oldBlob : newBlob
  if (status !== 'renamed') return { path, status, blobSha }
  return { path: fields.shift() ?? '', previousPath: path, status, blobSha }
}

/** `additions TAB deletions TAB path`; for renames the path is empty and two more fields follow. Binary files: dashes. */
function parseCounts(head: string, fields: string[]): Counts {
  const [additions, deletions, path] = head.split('\t')
  if (path === '') fields.splice(0, 2)
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
  const tooLarge = Buffer.byteLength(patch) > maxPatchBytes || patch.split('\n').length > maxPatchLines
  return tooLarge ? undefined : patch
}

export interface PatchLine {
  /** Which hunk of the patch, from 0. */
  hunk: number
  /** Line in the old file; missing for added lines. */
  left?: number
  /** Line in the new file; missing for removed lines. */
  right?: number
}

/** The lines that GitHub takes comments on: all that a patch shows. */
export function commentableLines(patch: string): PatchLine[] {
  const lines: PatchLine[] = []
  let hunk = -1
  let left = 0
  let right = 0
  for (const text of patch.split('\n')) {
    const start = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(text)
    if (start) {
      hunk++
      left = Number(start[1])
      right = Number(start[2])
    } else if (text.startsWith('-')) lines.push({ hunk, left: left++ })
    else if (text.startsWith('+')) lines.push({ hunk, right: right++ })
    else if (text.startsWith(' ')) lines.push({ hunk, left: left++, right: right++ })
  }
  return lines
}
