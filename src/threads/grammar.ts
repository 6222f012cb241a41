// Grammars of tree-sitter, each loaded once for as long as its thread lives: WebAssembly never gives back what one took.
import { createRequire } from 'node:module'
import { Language, Parser, type Query } from 'web-tree-sitter'

export interface Grammar {
  parser: Parser
  query: Query
}

const require = createRequire(import.meta.url)

/** `makeQuery` says what is looked for, in code of each language. */
export function createGrammars(makeQuery: (language: Language) => Query): (name: string) => Promise<Grammar> {
  const grammars = new Map<string, Promise<Grammar>>()
  async function load(name: string): Promise<Grammar> {
    await Parser.init()
    const language = await Language.load(require.resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`))
    return { parser: new Parser().setLanguage(language), query: makeQuery(language) }
  }
  return (name) => {
    const known = grammars.get(name) ?? load(name)
    grammars.set(name, known)
    return known
  }
}
