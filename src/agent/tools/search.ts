import { z } from 'zod'
import type { SearchHit } from '../../jobs/code/codebase.ts'
import { kindOfPath } from '../path-kind.ts'
import { showPath } from '../shown-file.ts'
import { createTool, path, type Row, says } from './tool.ts'

/** Looked for, so that those in tests, which are many, do not push the others out. */
export const mostHits = 300
const shownHits = 60

/** Those in tests last. */
export function testsLast(hits: readonly SearchHit[]): SearchHit[] {
  const isTest = (hit: SearchHit): number => Number(kindOfPath(hit.path) === 'test')
  return hits.toSorted((a, b) => isTest(a) - isTest(b))
}

export function showHit({ line, path: file, text }: SearchHit): Row {
  return { text: `${showPath(file)}:${line}: ${text.trim()}`, shows: { path: file, first: line, last: line } }
}

export const search = createTool({
  name: 'search',
  description:
    'Finds lines in all files as they are after the change: a literal text, or a POSIX extended regular expression. Those in tests come last.',
  parameters: z.object({
    pattern: z.string(),
    kind: z.enum(['literal', 'regex']).nullish(),
    ignore_case: z.boolean().nullish(),
    under: path.nullish().describe('only below this folder, or only in this file'),
  }),
  async answer({ ignore_case, kind, pattern, under }, { codebase }, signal) {
    if (!codebase.search) return says('Searching is not possible for this repository.')
    if (!/^(?=.*\S).{1,200}$/.test(pattern)) return says('The pattern must be one line of 1 to 200 characters.')
    const where = under ? { under } : {}
    const how = { kind: kind ?? 'literal', wholeWord: false, ignoreCase: ignore_case ?? false } as const
    const query = { pattern, ...how, most: mostHits, ...where }
    const { hits, incomplete, refused } = await codebase.search(query, signal)
    if (refused !== undefined) return says(`The pattern was refused: ${refused}`)
    const isCut = incomplete || hits.length > shownHits
    if (hits.length === 0 && !isCut) return says(`Nothing was found${under ? ` in ${under}` : ''}.`)
    return [
      ...testsLast(hits).slice(0, shownHits).map(showHit),
      ...(isCut ? says('(there may be more: ask for something narrower)') : []),
    ]
  },
})
