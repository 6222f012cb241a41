import { z } from 'zod'
import { createTool, path, says } from './tool.ts'

const maxHits = 60

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
    if (pattern.trim() === '' || pattern.length > 200) return says('The pattern must have 1 to 200 characters.')
    const where = under ? { under } : {}
    const query = { pattern, kind: kind ?? 'literal', wholeWord: false, most: maxHits, ...where } as const
    const { hits, incomplete } = await codebase.search(query, signal)
    const rows = hits.map((hit) => `${hit.path}:${hit.line}: ${hit.text.trim()}`)
    const rest = incomplete ? ['(and more: ask for something narrower)'] : []
    return {
      text: rows.length === 0 ? 'Nothing was found.' : [...rows, ...rest].join('\n'),
      opened: hits.map((hit) => ({ path: hit.path, first: hit.line, last: hit.line })),
    }
  },
})
