// A pull request like a real one: services of some functions each, of which lines here and there were changed.
import { structuredPatch } from 'diff'
import type { Change, ChangedFile } from '../../src/review/pull-request.ts'
import { changeOf } from './changes.ts'
import { createLibrary, type MemoryLibrary } from './library.ts'

export interface LargeChange {
  change: Change
  files: ChangedFile[]
  /** Of which the change is the diff. */
  library: MemoryLibrary
}

const nouns = [
  'invoice',
  'customer',
  'session',
  'shipment',
  'payment',
  'report',
  'tenant',
  'webhook',
  'product',
  'discount',
]

export function largeChange(count: number): LargeChange {
  const heads: Record<string, string> = {}
  const files = Array.from({ length: count }, (_, index): ChangedFile => {
    const noun = nouns[index % nouns.length] ?? 'thing'
    const path = `src/services/${noun}/${noun}-${index}-repository.ts`
    const before = moduleOf(noun, 'before')
    const head = moduleOf(noun, 'after')
    heads[path] = head
    return fileOf(path, before, head)
  })
  const body = `${'Each repository now reads its rows in pages, and says how many there are. '.repeat(20)}\n\nCloses #${count}.`
  const change = changeOf(files, { title: 'Read everything in pages', body })
  const commits = Array.from(
    { length: 14 },
    (_, index) => `Read ${nouns[index % 10]} in pages, and tell how many there are (${index})`,
  )
  return { change: { ...change, commits }, files, library: createLibrary(heads) }
}

function moduleOf(noun: string, version: 'before' | 'after'): string {
  const parts = Array.from({ length: 8 }, (_, index) =>
    functionOf(`${noun}${index}`, index % 2 === 0 ? version : 'before'),
  )
  return `import { Database } from '../../store/database.ts'\n\n${parts.join('\n')}`
}

function functionOf(name: string, version: 'before' | 'after'): string {
  const read = {
    before: [
      `  const rows = await database.query('select * from ${name} where tenant_id = $1', [tenantId])`,
      '  return rows.map(toEntity)',
    ],
    after: [
      `  const { offset = 0, limit = 50 } = page`,
      `  const rows = await database.query('select * from ${name} where tenant_id = $1 limit $2 offset $3', [`,
      `    tenantId,`,
      `    limit,`,
      `    offset,`,
      `  ])`,
      `  return { total: await count${name}(database, tenantId), entities: rows.map(toEntity) }`,
    ],
  }[version]
  const guards = Array.from(
    { length: 12 },
    (_, index) => `  if (options.flag${index} && !isAllowed(tenantId, 'flag${index}')) throw new Error('not allowed')`,
  )
  return [
    `export function find${name}(database: Database, tenantId: string, options: Options) {`,
    ...guards,
    ...read,
    '}',
    '',
  ].join('\n')
}

function fileOf(path: string, before: string, head: string): ChangedFile {
  const { hunks } = structuredPatch(path, path, before, head, '', '', { context: 3 })
  const lines = hunks.flatMap((hunk) => hunk.lines)
  const patch = hunks.map(
    (hunk) =>
      `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@ export function find\n${hunk.lines.join('\n')}`,
  )
  return {
    path,
    status: 'modified',
    additions: lines.filter((line) => line.startsWith('+')).length,
    deletions: lines.filter((line) => line.startsWith('-')).length,
    patch: patch.join('\n'),
  }
}

/** As `git diff` prints it. */
export function plainDiff(files: readonly ChangedFile[]): string {
  return files
    .map(({ patch, path }) => `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n${patch}\n`)
    .join('')
}
