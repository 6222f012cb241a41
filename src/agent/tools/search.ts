import { z } from 'zod'
import type { SearchHit } from '../../jobs/code/codebase.ts'
import { showPath } from '../shown-file.ts'
import { createTool, path, type Row, says } from './tool.ts'

const maxHits = 60

export function showHit({ line, path: file, text }: SearchHit): Row {
  return { text: `${showPath(file)}:${line}: ${text.trim()}`, shows: { path: file, first: line, last: line } }
}

export const search = createTool({
  name: 'search',
  description:
    'Finds lines in all files as they are after the change: a literal text, or a POSIX extended regular expression. Case counts.',
  parameters: z.object({
    pattern: z.string(),
    kind: z.enum(['literal', 'regex']).nullish(),
    under: path.nullish().describe('only below this folder, or only in this file'),
  }),
  async answer({ kind, pattern, under }, { codebase }, signal) {
    if (!codebase.search) return says('Searching is not possible for this repository.')
    if (!/^(?=.*\S).{1,200}$/.test(pattern)) return says('The pattern must be one line of 1 to 200 characters.')
    const where = under ? { under } : {}
    const query = { pattern, kind: kind ?? 'literal', wholeWord: false, most: maxHits, ...where } as const
    const { hits, incomplete, refused } = await codebase.search(query, signal)
    if (refused !== undefined) return says(`The pattern was refused: ${refused}`)
    if (hits.length === 0 && !incomplete) return says('Nothing was found.')
    return [...hits.map(showHit), ...(incomplete ? says('(there may be more: ask for something narrower)') : [])]
  },
})
