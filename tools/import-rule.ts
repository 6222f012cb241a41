// Who may import whom, and why. See docs/architecture.md.
import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { folderOf, type SourceFile, withoutComments } from './source-files.ts'

const domainReason = 'the domain and the queue are pure: they can be read, tested and trusted without the rest'
const portReason = 'it gets what it needs through ports; only the entries join the parts'

/** Folders whose values a folder may import besides its own. Types may come from anywhere. */
const mayImport: Readonly<Record<string, { folders: string[]; reason: string }>> = {
  review: { folders: [], reason: domainReason },
  queue: { folders: [], reason: domainReason },
  jobs: { folders: ['review'], reason: portReason },
  github: { folders: ['review'], reason: portReason },
  agent: { folders: ['review'], reason: portReason },
  repo: { folders: ['review', 'threads'], reason: portReason },
  checks: { folders: ['review', 'threads'], reason: portReason },
  threads: { folders: [], reason: 'what runs in a thread, and knows nothing of what it is asked' },
  store: { folders: ['review'], reason: portReason },
  http: { folders: ['review'], reason: 'it takes what it needs as arguments' },
  dashboard: { folders: ['review'], reason: 'it takes what it needs as arguments' },
  eval: { folders: ['review'], reason: portReason },
  cli: {
    folders: ['', 'agent', 'checks', 'dashboard', 'eval', 'http', 'jobs', 'repo', 'review'],
    reason:
      'its files are the commands of cli.ts: like the entries, they construct and connect, and nobody imports them',
  },
  demo: { folders: ['review'], reason: 'it stands in for GitHub and must not know how we ask' },
}

/** What only these folders know; '' is the entries. */
const onlyIn: Readonly<Record<string, string[]>> = {
  probot: ['github'],
  '@octokit/': ['github'],
  ioredis: ['queue'],
  pg: ['store'],
  openai: ['agent'],
  '@electric-sql/': ['store'],
  pino: ['', 'github'],
  'node:child_process': ['repo', 'checks'],
  'node:process': [],
}

/** Built-in modules that would bring network, disk or a clock into what is pure. */
const impure = /^node:(?:fs|net|tls|dgram|dns|https?|http2|timers|os|worker_threads|cluster)(?:\/|$)/

/** The queue opens the sockets that ioredis speaks through: it alone knows which node of a cluster has its keys. */
const opensSockets = /^queue\/redis-connection\.ts:node:(?:net|tls)$/

/** What must not be called, and where; without folders: nowhere but in config.ts. */
const forbiddenCalls: { pattern: RegExp; folders?: string[]; reason: string }[] = [
  {
    pattern:
      /\b(?:Date\.now|performance\.now|setTimeout|setInterval|setImmediate|AbortSignal\.timeout|random(?:UUID|Bytes|Int)|Math\.random)\s*\(|\bnew Date\(\)/,
    folders: ['review', 'queue'],
    reason: 'time and chance come in as arguments, so that tests can hold them still',
  },
  {
    pattern: /\bprocess\.env\b/,
    reason: 'the environment is read once, in config.ts',
  },
]

/** Names under which everything and nothing can be put. */
const emptyNames = new Set(['index', 'util', 'utils', 'common', 'helper', 'helpers', 'misc', 'shared', 'lib'])

/** One sentence for each break of the rule. */
export function importMistakes(files: SourceFile[]): string[] {
  return files.flatMap((file) => [
    ...nameMistakes(file),
    ...importsOf(file).flatMap((one) => mistakesIn(file, one)),
    ...callMistakes(file),
  ])
}

/** Packages that `src/` imports and `npm ci --omit=dev` does not bring. `declared`: the names of the dependencies. */
export function undeclaredPackages(files: SourceFile[], declared: string[]): string[] {
  return files.flatMap((file) =>
    importsOf(file)
      .filter(({ specifier, typeOnly }) => !typeOnly && !specifier.startsWith('.') && !isBuiltin(specifier))
      .filter(({ specifier }) => !declared.includes(packageOf(specifier)))
      .map(({ specifier }) => `src/${file.path}: '${packageOf(specifier)}' is no dependency: a server has no others`),
  )
}

/** `@scope/name/part` → `@scope/name` */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

interface Import {
  specifier: string
  typeOnly: boolean
}

function importsOf(file: SourceFile): Import[] {
  const statements = withoutComments(file.text).matchAll(
    /^\s*(?:import|export)\s[^'"`;]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\b(?:import|require)\(\s*['"`]([^'"`]+)['"`]/gm,
  )
  return [...statements].map((match) => ({
    specifier: match[1] ?? match[2] ?? match[3] ?? '',
    typeOnly: /^\s*(?:import|export)\s+type\s/.test(match[0]) || onlyTypes(match[0]),
  }))
}

/** `import { type A, type B } from …` */
function onlyTypes(statement: string): boolean {
  const names = /\{([^}]*)\}/.exec(statement)?.[1]
  return names !== undefined && names.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '))
}

function nameMistakes(file: SourceFile): string[] {
  const parts = file.path.replace(/\.ts$/, '').split('/')
  const empty = parts.find((part) => emptyNames.has(part))
  if (empty === undefined) return []
  return [`src/${file.path}: '${empty}' says nothing: name it after the one thing inside`]
}

function mistakesIn(file: SourceFile, { specifier, typeOnly }: Import): string[] {
  const folder = folderOf(file.path)
  if (!specifier.startsWith('.')) return packageMistakes(file, specifier, typeOnly)
  if (!/\.(?:ts|json)$/.test(specifier))
    return [`src/${file.path}: '${specifier}' must end in .ts: Node runs the files as they are`]
  const target = posix.join(posix.dirname(file.path), specifier)
  if (target.startsWith('..'))
    return [`src/${file.path}: '${specifier}' is outside of src/: a server has no more than that`]
  const rule = mayImport[folder]
  const targetFolder = folderOf(target)
  if (typeOnly || targetFolder === folder) return []
  // A folder that is not in the table yet gets the strictest rule until somebody decides.
  if (rule === undefined && folder === '') return []
  if (rule?.folders.includes(targetFolder)) return []
  return [
    `src/${file.path}: ${folder}/ may not import ${target}: ${rule?.reason ?? 'it has no line in tools/import-rule.ts'}`,
  ]
}

function packageMistakes(file: SourceFile, specifier: string, typeOnly: boolean): string[] {
  const folder = folderOf(file.path)
  if (typeOnly) return []
  const isPure = ['review', 'queue'].includes(folder) && !opensSockets.test(`${file.path}:${specifier}`)
  if (isPure && impure.test(specifier))
    return [`src/${file.path}: ${folder}/ may not import '${specifier}': ${domainReason}`]
  const found = Object.entries(onlyIn).find(
    ([name]) => specifier === name || specifier.startsWith(name.endsWith('/') ? name : `${name}/`),
  )
  if (!found || found[1].includes(folder)) return []
  const owners = found[1].map((one) => (one === '' ? 'the entries' : `${one}/`)).join(' and ') || 'nobody'
  return [`src/${file.path}: '${specifier}' belongs to ${owners}: one folder knows each outside thing`]
}

function callMistakes(file: SourceFile): string[] {
  if (file.path === 'config.ts') return []
  const text = withoutComments(file.text)
  return forbiddenCalls
    .filter((rule) => rule.folders === undefined || rule.folders.includes(folderOf(file.path)))
    .flatMap(
      (rule) =>
        rule.pattern
          .exec(text)
          ?.slice(0, 1)
          .map((call) => `src/${file.path}: ${call} is not called here: ${rule.reason}`) ?? [],
    )
}
