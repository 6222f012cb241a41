// The repository as context for the reviewers: read-only, at the commits of one review. Context, never authority for places.
// Types only; `src/repo/` reads git's object store, `src/github/` asks GitHub where there is no mirror.

/** The reviewed head, or the commit that it is compared with. */
export type Revision = 'head' | 'base'

export interface LineRange {
  /** 1-based; both ends belong to it. */
  first: number
  last: number
}

/** What can be asked of the repository. Paths are git's: relative, with `/`; nothing else can be named. */
export interface Codebase {
  /** The whole text; `undefined`: not there, no text in UTF-8, or larger than 1 MB. */
  readFile(path: string, at: Revision, signal: AbortSignal): Promise<string | undefined>
  /** What is directly in a folder of the head, sorted; folders end in `/`. `''` is the root. Empty when there is no such folder. */
  list(folder: string, signal: AbortSignal): Promise<string[]>
  /** At the head. Missing where the repository can only be asked file by file. */
  search?(query: SearchQuery, signal: AbortSignal): Promise<SearchResult>
  /** Who last changed each of the lines of the head, newest first. Missing where there is no history. */
  history?(path: string, lines: LineRange, signal: AbortSignal): Promise<LineCommit[]>
}

export interface SearchQuery {
  pattern: string
  /** `regex`: POSIX extended, run by git with a time limit. */
  kind: 'literal' | 'regex'
  wholeWord: boolean
  ignoreCase?: boolean
  /** Only below this folder, or only this file. */
  under?: string
  /** So many hits at most. */
  most: number
}

export interface SearchHit {
  path: string
  line: number
  /** At most 300 characters of the line. */
  text: string
}

export interface SearchResult {
  hits: SearchHit[]
  /** There were more than asked for, the time was up, or the pattern was refused. */
  incomplete: boolean
  /** Why the pattern cannot be searched for; for whoever wrote it. */
  refused?: string
}

export interface LineCommit {
  sha: string
  /** ISO 8601, of the commit. */
  date: string
  /** First line of the message. */
  subject: string
  /** Lines of the range that it changed last. */
  lines: number[]
}

/** A named piece of code: function, method, class, type, … */
export interface CodeSymbol extends LineRange {
  /** In the words of the language's grammar, without its suffixes: `function`, `method`, `class`, `interface`, … */
  kind: string
  name: string
}

/** Reads code as code. Foreign text: each call has limits on time and memory, and fails alone. */
export interface SymbolReader {
  /** In the order of the file, outer before inner. Empty where no grammar is known, or the limits were met. */
  symbolsOf(path: string, text: string, signal: AbortSignal): Promise<CodeSymbol[]>
  /** Lines on which the name stands as an identifier, not in a comment or a string. `undefined` where no grammar is known. */
  usesOf(name: string, file: { path: string; text: string }, signal: AbortSignal): Promise<number[] | undefined>
}
