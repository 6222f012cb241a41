// A repository in memory, and a reader of symbols that knows functions whose end is a brace under their first letter.
import type { CodeSymbol, Codebase, SearchHit } from '../../src/jobs/code/codebase.ts'
import type { Library } from '../../src/agent/tools/tool.ts'

export interface MemoryLibrary extends Library {
  /** What was asked of the codebase, for example `read src/a.ts`. */
  asked: string[]
}

/** `files`: the texts of the head by path. `other` takes the place of what the codebase would do. */
export function createLibrary(files: Record<string, string>, other: Partial<Codebase> = {}): MemoryLibrary {
  const asked: string[] = []
  const codebase: Codebase = {
    async readFile(path, at) {
      asked.push(`read ${path}`)
      return at === 'head' ? files[path] : undefined
    },
    async list(folder) {
      asked.push(`list ${folder}`)
      const inside = Object.keys(files).filter((path) => folder === '' || path.startsWith(`${folder}/`))
      const names = inside.map((path) => /^[^/]*\/?/.exec(path.slice(folder === '' ? 0 : folder.length + 1))?.[0] ?? '')
      return [...new Set(names)].toSorted()
    },
    async search({ most, pattern }) {
      asked.push(`search ${pattern}`)
      const hits = Object.entries(files).flatMap(([path, text]): SearchHit[] =>
        text
          .split('\n')
          .flatMap((line, index) => (line.includes(pattern) ? [{ path, line: index + 1, text: line }] : [])),
      )
      return { hits: hits.slice(0, most), incomplete: hits.length > most }
    },
    ...other,
  }
  const usesOf: Library['symbols']['usesOf'] = async (name, { path, text }) =>
    path.endsWith('.ts') ? text.split('\n').flatMap((line, index) => (isUse(line, name) ? [index + 1] : [])) : undefined
  return { codebase, symbols: { symbolsOf: async (_, text) => functionsOf(text), usesOf }, files: [], asked }
}

function isUse(line: string, name: string): boolean {
  return line.includes(name) && !line.trim().startsWith('//')
}

function functionsOf(text: string): CodeSymbol[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index): CodeSymbol[] => {
    const [, indent, name] = /^( *)(?:export )?function (\w+)/.exec(line) ?? []
    if (indent === undefined || name === undefined) return []
    const end = lines.findIndex((other, at) => at > index && other === `${indent}}`)
    return end < 0 ? [] : [{ kind: 'function', name, first: index + 1, last: end + 1 }]
  })
}
