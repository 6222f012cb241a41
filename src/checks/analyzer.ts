// What an analyzer is: a name and a function over changed files. It looks at added lines only and reads nothing but its arguments.
import { parseFilePatch } from '../review/diff.ts'
import type { Finding, Severity } from '../review/finding.ts'
import type { ChangedFile } from '../review/pull-request.ts'

export interface AddedLine {
  /** 1-based, in the file at the head. */
  line: number
  text: string
}

export interface CheckedFile {
  path: string
  /** Where the base has it; missing for a new file. */
  basePath?: string
  /** The repository's owner: its own actions are not somebody else's. */
  owner: string
  added: AddedLine[]
  /** Texts of removed lines. */
  removed: string[]
  /** The whole file at the head, for analyzers that ask for it. */
  head?: string
  /** The whole file at the base. */
  base?: string
}

export interface Analyzer {
  /** Problems on added lines. May throw: that costs this analyzer only. */
  analyze(files: readonly CheckedFile[]): Promise<Finding[]> | Finding[]
}

export const analyzerNames = ['secrets', 'leftovers', 'workflows', 'syntax'] as const
export type AnalyzerName = (typeof analyzerNames)[number]

/** `undefined` when the patch cannot be read or adds nothing. */
export function toCheckedFile(file: ChangedFile, owner: string): CheckedFile | undefined {
  const diff = parseFilePatch(file)
  if ('kind' in diff) return undefined
  const lines = diff.hunks.flatMap((hunk) => hunk.lines)
  const added = lines.flatMap(({ kind, newLine, text }) =>
    kind === 'added' && newLine !== undefined ? [{ line: newLine, text }] : [],
  )
  if (added.length === 0) return undefined
  const removed = lines.flatMap(({ kind, text }) => (kind === 'removed' ? [text] : []))
  const { path, previousPath: basePath = path } = file
  const isNew = file.status === 'added' || file.status === 'copied'
  return { path, ...(isNew ? {} : { basePath }), owner, added, removed }
}

export interface Claim {
  severity: Severity
  title: string
  body: string
}

/** A finding on one added line. The place is known exactly, so no code is quoted. */
export function findingOn(name: AnalyzerName, at: { path: string; line: number }, claim: Claim): Finding {
  return { reviewer: `checks:${name}`, path: at.path, line: at.line, side: 'RIGHT', ...claim }
}
