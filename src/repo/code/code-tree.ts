// Code as tree-sitter sees it. Runs in a thread of its own: see `../symbols.ts`. Nothing recurses: a tree can be deeper than any
// stack.
import { type Node, Query, type Tree } from 'web-tree-sitter'
import type { CodeSymbol } from '../../jobs/code/codebase.ts'
import { createGrammars, type Grammar } from '../../threads/grammar.ts'

/** Kind → types of nodes, of all grammars together; each grammar has some of them. */
const kinds: Readonly<Record<string, string>> = {
  function:
    'function_declaration generator_function_declaration function_definition function_item function_signature ' +
    'function_signature_item local_function_statement',
  method: 'method_definition method_declaration method_signature abstract_method_signature method singleton_method',
  constructor: 'constructor_declaration compact_constructor_declaration',
  class: 'class_declaration abstract_class_declaration class_definition class',
  interface: 'interface_declaration annotation_type_declaration',
  type: 'type_alias_declaration type_alias type_spec type_item delegate_declaration',
  enum: 'enum_declaration enum_item',
  struct: 'struct_declaration struct_item union_item',
  record: 'record_declaration',
  trait: 'trait_declaration trait_item',
  impl: 'impl_item',
  module: 'module internal_module mod_item namespace_definition namespace_declaration',
  macro: 'macro_definition',
  rule: 'rule_set keyframes_statement',
}

/** Where a function gets its name from what it is assigned to; type → field of the name, field of the function. */
const assignments: Readonly<Record<string, { kind: string; name: string; value: string }>> = {
  variable_declarator: { kind: 'function', name: 'name', value: 'value' },
  assignment_expression: { kind: 'function', name: 'left', value: 'right' },
  pair: { kind: 'method', name: 'key', value: 'value' },
  field_definition: { kind: 'method', name: 'property', value: 'value' },
  public_field_definition: { kind: 'method', name: 'name', value: 'value' },
}
const functions = new Set(['arrow_function', 'function_expression', 'generator_function'])

const kindOf = new Map(Object.entries(kinds).flatMap(([kind, types]) => types.split(' ').map((type) => [type, kind])))
/** Of Go, where every type is declared alike. */
const kindOfType: Readonly<Record<string, string>> = { struct_type: 'struct', interface_type: 'interface' }
/** Around a symbol, and nothing but it inside. */
const wrappers = new Set(['export_statement', 'decorated_definition', 'lexical_declaration', 'variable_declaration'])

const maxNameLength = 200
const maxSymbols = 5_000
const maxUses = 10_000

const load = createGrammars((language) => {
  const types = [...kindOf.keys(), ...Object.keys(assignments)].filter((type) => language.idForNodeType(type, true))
  return new Query(language, `[${types.map((type) => `(${type})`).join(' ')}] @symbol`)
})

async function withTree<T>(grammar: string, text: string, look: (tree: Tree, grammar: Grammar) => T): Promise<T> {
  const loaded = await load(grammar)
  const tree = loaded.parser.parse(text)
  if (!tree) throw new Error('the parser gave no tree')
  try {
    return look(tree, loaded)
  } finally {
    tree.delete()
  }
}

export function findSymbols(grammar: string, text: string): Promise<CodeSymbol[]> {
  return withTree(grammar, text, (tree, { query }) =>
    query
      .captures(tree.rootNode)
      .flatMap(({ node }) => toSymbol(node) ?? [])
      .slice(0, maxSymbols)
      .toSorted((a, b) => a.first - b.first || b.last - a.last),
  )
}

function toSymbol(node: Node): CodeSymbol | undefined {
  const assignment = assignments[node.type]
  const value = assignment && node.childForFieldName(assignment.value)
  if (assignment && !(value && functions.has(value.type))) return undefined
  const name = (assignment ? node.childForFieldName(assignment.name)?.text : nameOf(node))?.replace(/\s+/g, ' ')
  if (name === undefined || name === '') return undefined
  const kind = assignment?.kind ?? kindOfType[node.childForFieldName('type')?.type ?? ''] ?? kindOf.get(node.type) ?? ''
  const whole = unwrap(node)
  // A node that ends with its line break ends at the beginning of the next line.
  const { column, row } = whole.endPosition
  const first = whole.startPosition.row + 1
  return { kind, name: name.slice(0, maxNameLength), first, last: Math.max(first, column === 0 ? row : row + 1) }
}

function nameOf(node: Node): string | undefined {
  if (node.type === 'impl_item') {
    const [trait, type] = ['trait', 'type'].map((field) => node.childForFieldName(field)?.text)
    return trait === undefined ? type : `${trait} for ${type}`
  }
  // The selectors of a rule are no field.
  const name = kindOf.get(node.type) === 'rule' ? node.namedChild(0) : node.childForFieldName('name')
  return name?.text
}

function unwrap(node: Node): Node {
  let whole = node
  for (let { parent } = whole; parent && wrappers.has(parent.type); { parent } = whole) {
    if (parent.type.endsWith('_declaration') && parent.namedChildCount > 1) break
    whole = parent
  }
  return whole
}

const identifier = /(?:^|_)(?:identifier|name|constant|variable|pattern)$/

/** Lines, each once, in order. */
export function findUses(grammar: string, text: string, name: string): Promise<number[]> {
  return withTree(grammar, text, (tree) => {
    const lines = new Set<number>()
    let at = text.indexOf(name)
    for (let seen = 0; at >= 0 && seen < maxUses; seen++) {
      const node = tree.rootNode.descendantForIndex(at, at + name.length)
      const isWhole = node?.startIndex === at && node.endIndex === at + name.length
      if (isWhole && identifier.test(node.type)) lines.add(node.startPosition.row + 1)
      at = text.indexOf(name, at + name.length)
    }
    return [...lines]
  })
}
