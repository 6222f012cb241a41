// Workflow files that give strangers the repository's rights.
// https://docs.github.com/en/actions/reference/security/secure-use
// https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/
//
// The file is read as YAML, for its nodes and their places only: aliases are never expanded, nothing becomes a value, and
// nothing is run. Of a problem that takes several lines to exist, one that was added is told.
import { type Document, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import type { Finding } from '../review/finding.ts'
import { type CheckedFile, type Claim, findingOn } from './analyzer.ts'
import { workflowClaims } from './workflow-claims.ts'

export function isWorkflow(path: string): boolean {
  return /^\.github\/workflows\/[^/]+\.ya?ml$/i.test(path)
}

/** Throws when a file is nested deeper than the stack; one that is wrong is read as far as it goes. */
export function analyze(files: readonly CheckedFile[]): Finding[] {
  return files.flatMap((file) => {
    const isAdded = new Set(file.added.map(({ line }) => line))
    const told = new Map<string, Finding>()
    for (const { claim, lines } of problemsIn(file, file.head ?? '')) {
      const line = lines.find((one) => isAdded.has(one))
      if (line !== undefined)
        told.set(`${line} ${claim.title}`, findingOn('workflows', { path: file.path, line }, claim))
    }
    return [...told.values()]
  })
}

/** The lines it consists of, the best place first. 1-based. */
interface Problem {
  lines: number[]
  claim: Claim
}

/** One `key: value`, and the maps around it, the innermost last. */
interface Entry {
  key: string
  /** Empty for what is no plain text. */
  text: string
  value: unknown
  line: number
  around: readonly unknown[]
}

interface Workflow {
  file: CheckedFile
  source: string
  /** Lines of triggers that run with the base repository's rights on somebody else's change. */
  triggers: number[]
  lineOf(offset: number): number
}

function problemsIn(file: CheckedFile, source: string): Problem[] {
  const lineCounter = new LineCounter()
  const document = parseDocument(source, { lineCounter, uniqueKeys: false, logLevel: 'silent' })
  const lineOf = (offset: number): number => lineCounter.linePos(offset).line
  const workflow: Workflow = { file, source, lineOf, triggers: privilegedTriggers(document).map(lineOf) }
  const problems: Problem[] = []
  visit(document, {
    Pair(_, pair, path) {
      if (!isScalar(pair.key)) return
      const around = path.filter((node) => isMap(node))
      const line = lineOf(pair.key.range?.[0] ?? 0)
      problems.push(
        ...judge(workflow, { key: String(pair.key.value), text: textOf(pair.value), value: pair.value, line, around }),
      )
    },
  })
  return problems
}

function textOf(node: unknown): string {
  return isScalar(node) ? String(node.value) : ''
}

/** Offsets. `on` is a name, a list of names, or a map from names. */
function privilegedTriggers(document: Document): number[] {
  const starts: number[] = []
  const on = isMap(document.contents) ? document.contents.get('on', true) : undefined
  visit(on ?? null, {
    Scalar(_, { range, value }) {
      if (value === 'pull_request_target' || value === 'workflow_run') starts.push(range?.[0] ?? 0)
    },
  })
  return starts
}

const headOfPullRequest =
  /github\.event\.pull_request\.head\.|github\.head_ref|github\.event\.workflow_run\.head_|refs\/pull\//

function judge(workflow: Workflow, entry: Entry): Problem[] {
  const { around, key, line, text } = entry
  const { file, triggers } = workflow
  const told = (claim: Claim): Problem[] => [{ lines: [line], claim }]
  switch (key) {
    case 'permissions':
      return text === 'write-all' ? told(workflowClaims.allRights) : []
    case 'uses':
      return isUnpinned(text, file) ? told(workflowClaims.unpinned) : []
    case 'secrets':
      return text === 'inherit' && isForeign(usesOf(around.at(-1)), file) ? told(workflowClaims.inheritedSecrets) : []
    case 'ref':
    case 'repository': {
      const isHead = headOfPullRequest.test(text) && /^actions\/checkout(?:@|$)/i.test(usesOf(around.at(-2)))
      return isHead && triggers.length > 0 ? [{ lines: [line, ...triggers], claim: workflowClaims.headCheckout }] : []
    }
    case 'run':
    case 'script':
      return findInjections(workflow, entry)
    default:
      return []
  }
}

function usesOf(map: unknown): string {
  return isMap(map) ? textOf(map.get('uses', true)) : ''
}

/** By somebody else than GitHub and the repository's owner. Paths within the repository and images have no owner. */
function isForeign(uses: string, { owner }: CheckedFile): boolean {
  const maker = /^([\w.-]+)\/[\w./-]+@/.exec(uses)?.[1]?.toLowerCase()
  return maker !== undefined && !['actions', 'github', owner.toLowerCase()].includes(maker)
}

/** By a tag or a branch that its owner can move. A new version of an action that was there is no news. */
function isUnpinned(uses: string, file: CheckedFile): boolean {
  const [name = '', ref = ''] = uses.split('@', 2)
  const isKnown = file.removed.some((text) => text.includes(`${name}@`))
  return isForeign(uses, file) && !isKnown && !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(ref)
}

/** Bounded, because a script may be long and hold many openings. */
const expression = /\$\{\{[^}]{0,300}\}\}/g
/** What outsiders write ends so. https://docs.github.com/en/actions/concepts/security/script-injections */
const written =
  /\bgithub\.(?:head_ref\b|event\.(?!(?:repository|organization|sender|installation)\.)[\w.*[\]'-]{0,200}?\.(?:body|default_branch|email|label|message|name|page_name|ref|title)\b)/

function findInjections({ lineOf, source }: Workflow, { value }: Entry): Problem[] {
  if (!isScalar(value) || !value.range) return []
  const [start, , end] = value.range
  return [...source.slice(start, end).matchAll(expression)]
    .filter(([text]) => written.test(text))
    .map(({ index }) => ({ lines: [lineOf(start + index)], claim: workflowClaims.injection }))
}
