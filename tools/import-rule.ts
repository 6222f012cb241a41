// Who may import whom, and why. See docs/architecture.md.
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
  repo: { folders: ['review'], reason: portReason },
  checks: { folders: ['review'], reason: portReason },
  store: { folders: ['review'], reason: portReason },
  http: { folders: ['review'], reason: 'it takes what it needs as arguments' },
  dashboard: { folders: ['review'], reason: 'it takes what it needs as arguments' },
  demo: { folders: ['review'], reason: 'it stands in for GitHub and must not know how we ask' },
}

/** Files at the top of `src/` that folders may use: they hold no decisions and construct nothing. */
const shared: Readonly<Record<string, string[]>> = {}

/** Packages with exactly one user. */
const onlyIn: Readonly<Record<string, string[]>> = {
  probot: ['github'],
  '@octokit/': ['github'],
  ioredis: ['queue'],
  pg: ['store'],
  openai: ['agent'],
  pino: ['', 'github'],
}

/** What must not be called where. */
const forbiddenCalls: { pattern: RegExp; folders: string[]; reason: string }[] = [
  {
    pattern: /\b(?:Date\.now|setTimeout|setInterval|randomUUID|randomBytes|Math\.random)\s*\(/,
    folders: ['review', 'queue'],
    reason: 'time and chance come in as arguments, so that tests can hold them still',
  },
  {
    pattern: /\bprocess\.env\b/,
    folders: ['review', 'queue', 'jobs', 'github', 'agent', 'repo', 'checks', 'store', 'http', 'dashboard', 'demo', ''],
    reason: 'the environment is read once, in config.ts',
  },
]

/** One sentence for each break of the rule. */
export function importMistakes(files: SourceFile[]): string[] {
  return files.flatMap((file) => [...importsOf(file).flatMap((one) => mistakesIn(file, one)), ...callMistakes(file)])
}

interface Import {
  specifier: string
  typeOnly: boolean
}

function importsOf(file: SourceFile): Import[] {
  const statements = withoutComments(file.text).matchAll(
    /^\s*(?:import|export)\s[^'"`;]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm,
  )
  return [...statements].map((match) => ({
    specifier: match[1] ?? match[2] ?? '',
    typeOnly: /^\s*(?:import|export)\s+type\s/.test(match[0]) || onlyTypes(match[0]),
  }))
}

/** `import { type A, type B } from …` */
function onlyTypes(statement: string): boolean {
  const names = /\{([^}]*)\}/.exec(statement)?.[1]
  return names !== undefined && names.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '))
}

function mistakesIn(file: SourceFile, { specifier, typeOnly }: Import): string[] {
  const folder = folderOf(file.path)
  if (!specifier.startsWith('.')) return packageMistakes(file, specifier, typeOnly)
  if (!/\.(?:ts|json)$/.test(specifier))
    return [`src/${file.path}: '${specifier}' must end in .ts: Node runs the files as they are`]
  const target = posix.join(posix.dirname(file.path), specifier)
  if (posix.basename(target) === 'index.ts')
    return [`src/${file.path}: import the file that owns the thing, not '${specifier}'`]
  const rule = mayImport[folder]
  const targetFolder = folderOf(target)
  if (typeOnly || !rule || targetFolder === folder || rule.folders.includes(targetFolder)) return []
  if (shared[target]?.includes(folder)) return []
  return [`src/${file.path}: ${folder}/ may not import ${target}: ${rule.reason}`]
}

function packageMistakes(file: SourceFile, specifier: string, typeOnly: boolean): string[] {
  const found = Object.entries(onlyIn).find(
    ([name]) => specifier === name || (name.endsWith('/') && specifier.startsWith(name)),
  )
  if (!found || typeOnly || found[1].includes(folderOf(file.path))) return []
  const owners = found[1].map((folder) => (folder === '' ? 'the entries' : `${folder}/`)).join(' and ')
  return [`src/${file.path}: '${specifier}' belongs to ${owners}: one folder knows each outside thing`]
}

function callMistakes(file: SourceFile): string[] {
  if (file.path === 'config.ts') return []
  const text = withoutComments(file.text)
  return forbiddenCalls
    .filter((rule) => rule.folders.includes(folderOf(file.path)) && rule.pattern.test(text))
    .map((rule) => `src/${file.path}: ${rule.pattern.exec(text)?.[0] ?? ''} is not called here: ${rule.reason}`)
}
