// Two questions about names: which pieces a file has, and where a name is used.
import { z } from 'zod'
import type { SearchHit } from '../../jobs/code/codebase.ts'
import { fromEachFile, mostHits, showHit, testsLast } from './search.ts'
import { createTool, type Library, linesOf, path, says } from './tool.ts'

const maxSymbols = 150

export const outline = createTool({
  name: 'outline',
  description: 'Lists the functions, methods, classes and types of a file, with their lines, after the change.',
  parameters: z.object({ path }),
  async answer({ path: file }, { codebase, symbols }, signal) {
    const text = await codebase.readFile(file, 'head', signal)
    if (text === undefined) return says(`There is no text file ${file}.`)
    const found = await symbols.symbolsOf(file, text, signal)
    if (found.length === 0) return says(`No symbols are known of ${file}, which has ${linesOf(text).length} lines.`)
    const rows = found.slice(0, maxSymbols).map(({ first, kind, last, name }) => `${first}-${last} ${kind} ${name}`)
    const more = found.length - maxSymbols
    return [...rows, ...(more > 0 ? [`(and ${more} more)`] : [])].map((row) => ({ text: row }))
  },
})

/** Files in which comments and strings are told apart; more would take long. */
const maxFiles = 15
const maxUses = 60

export const findUses = createTool({
  name: 'find_uses',
  description:
    'Finds where a function, type, field or variable is defined and used after the change, without comments and strings. Those in tests come last.',
  parameters: z.object({ name: z.string(), under: path.nullish() }),
  async answer({ name, under }, library, signal) {
    if (!library.codebase.search) return says('Searching is not possible for this repository.')
    if (!/^[\p{L}\p{N}_$#@-]{1,100}$/u.test(name)) return says('Name one identifier, without dots, blanks or brackets.')
    const where = under ? { under } : {}
    const query = { pattern: name, kind: 'literal', wholeWord: true, most: mostHits, ...where } as const
    const { hits, incomplete } = await library.codebase.search(query, signal)
    const uses = await withoutProse(name, testsLast(hits), { library, signal })
    const isCut = incomplete || uses.length > maxUses
    if (uses.length === 0 && !isCut) return says('No use was found.')
    return [...fromEachFile(uses, maxUses).map(showHit), ...(isCut ? says('(there may be more: name a folder)') : [])]
  },
})

/** Hits in files of which no grammar is known stay: they may be meant. */
async function withoutProse(
  name: string,
  hits: readonly SearchHit[],
  { library, signal }: { library: Library; signal: AbortSignal },
): Promise<SearchHit[]> {
  const uses: SearchHit[] = []
  for (const [index, [file, own]] of [...Map.groupBy(hits, (hit) => hit.path)].entries()) {
    const text = index < maxFiles ? await library.codebase.readFile(file, 'head', signal) : undefined
    const lines = text === undefined ? undefined : await library.symbols.usesOf(name, { path: file, text }, signal)
    uses.push(...(lines ? own.filter((hit) => lines.includes(hit.line)) : own))
  }
  return uses
}
