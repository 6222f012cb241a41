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
  return hits.toSorted((a, b) => isTest(a) - isTest(b))
}

const isTest = ({ path: file }: SearchHit): number => Number(kindOfPath(file) === 'test')

/**
 * So many of them, in their order. Each file gives its first before any gives its second: else a file full of uses would hide
 * the one with the definition.
 */
export function fromEachFile(hits: readonly SearchHit[], most: number): SearchHit[] {
  if (hits.length <= most) return [...hits]
  const files = [...Map.groupBy(hits, (hit) => hit.path).values()]
  const places = new Map(files.flatMap((own) => own.map((hit, place) => [hit, place] as const)))
  const placeOf = (hit: SearchHit): number => places.get(hit) ?? 0
  const taken = new Set(hits.toSorted((a, b) => isTest(a) - isTest(b) || placeOf(a) - placeOf(b)).slice(0, most))
  return hits.filter((hit) => taken.has(hit))
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
      ...fromEachFile(testsLast(hits), shownHits).map(showHit),
      ...(isCut ? says('(there may be more: ask for something narrower)') : []),
    ]
  },
})
