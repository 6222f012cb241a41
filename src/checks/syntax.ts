// Code that parsed at the base and does not at the head, where the error stands on an added line.
//
// What must always hold: a file that tree-sitter's grammar does not understand anyway (a dialect, a newer version of the
// language, generated code) is never complained about. That is why the base has to parse.
// Accepted: an error that shows far from its cause, on a line that was not changed, is not told.
import { stripTypeScriptTypes } from 'node:module'
import { type Parser, Query } from 'web-tree-sitter'
import type { Finding } from '../review/finding.ts'
import { type CheckedFile, findingOn } from './analyzer.ts'
import { grammarFor } from '../review/code/grammar.ts'
import { createGrammars } from '../threads/grammar.ts'

const load = createGrammars((language) => new Query(language, '[(ERROR) (MISSING)] @error'))

export async function analyze(files: readonly CheckedFile[]): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const file of files) findings.push(...(await analyzeFile(file)))
  return findings
}

/** At most one: what follows an error is often an error only because of it. */
async function analyzeFile({ added, base, head, path }: CheckedFile): Promise<Finding[]> {
  const grammar = grammarFor(path)
  if (grammar === undefined || head === undefined) return []
  const { parser, query: errors } = await load(grammar)
  const isAdded = new Set(added.map(({ line }) => line))
  const line = errorLines(parser, errors, head).find((one) => isAdded.has(one))
  // Without the base the finding is a claim: the base is read for such files only.
  if (
    line === undefined ||
    isUnderstoodByNode(path, head) ||
    (base !== undefined && errorLines(parser, errors, base).length > 0)
  )
    return []
  const body = `The file could be parsed before this change, and cannot any more: the parser for ${grammar} stops here.`
  return [findingOn('syntax', { path, line }, { severity: 'critical', title: 'This does not parse', body })]
}

/** A second opinion, by a parser that is newer than the grammars. It knows no JSX, so its no alone proves nothing. */
function isUnderstoodByNode(path: string, text: string): boolean {
  if (!/\.[cm]?[jt]s$/.test(path)) return false
  try {
    stripTypeScriptTypes(text, { mode: 'transform' })
    return true
  } catch {
    return false
  }
}

/** 1-based, in order. */
function errorLines(parser: Parser, errors: Query, text: string): number[] {
  const tree = parser.parse(text)
  if (!tree) throw new Error('the parser gave no tree')
  const lines = errors.captures(tree.rootNode).map(({ node }) => node.startPosition.row + 1)
  tree.delete()
  return lines.toSorted((a, b) => a - b)
}
