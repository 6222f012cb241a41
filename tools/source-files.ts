// The files of `src/` as the rule checkers see them.
import { globSync, readFileSync } from 'node:fs'

export interface SourceFile {
  /** Below `src/`, with slashes: `queue/redis-queue.ts`. */
  path: string
  text: string
}

export function readSourceFiles(root = 'src'): SourceFile[] {
  return globSync('**/*.ts', { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }))
}

/**
 * What a text is made of, in this order: line comment, block comment, string, template, regular expression. The first that
 * matches at a place takes it, so a `//` inside a string is no comment. A regular expression is told from a division by what
 * stands before it. Good enough for counting, and for code that oxfmt has formatted: a template inside a template's `${…}` may
 * end the outer one early.
 */
const piece =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|(?<=[(,=:[!&|?{};>]\s*|return\s+|^\s*)\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\//gm

/** The text with comments blanked out, line by line. */
export function withoutComments(text: string): string {
  return text.replaceAll(piece, (found) => (/^\/[/*]/.test(found) ? found.replaceAll(/[^\n]/g, '') : found))
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
