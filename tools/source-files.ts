// The files of `src/` as the rule checkers see them.
import { globSync, readFileSync } from 'node:fs'

export interface SourceFile {
  /** Below `src/`, with slashes: `queue/redis-queue.ts`. */
  path: string
  text: string
}

export function readSourceFiles(root = 'src'): SourceFile[] {
  return globSync('**/*.ts', { cwd: root })
    .toSorted()
    .map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }))
}

/** The text with comments blanked out, line by line. Good enough for counting; strings that look like comments are rare. */
export function withoutComments(text: string): string {
  return text
    .replaceAll(/(^|[^:'"`\\])\/\/(?![^\n]*['"`],?$).*$/gm, '$1')
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ''))
}

/** Lines that hold code. */
export function codeLines(file: SourceFile): number {
  return withoutComments(file.text)
    .split('\n')
    .filter((line) => line.trim() !== '').length
}

/** The first folder of the path; '' for the entries. */
export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : ''
}
