// Changes to examine, made from patches.
import { commitSha } from '../../src/review/ids.ts'
import type { Material } from '../../src/jobs/ports.ts'
import type { PlacedFinding } from '../../src/review/finding.ts'
import type { Change, ChangedFile } from '../../src/review/pull-request.ts'

const headSha = commitSha('a'.repeat(40))

export function changeOf(files: ChangedFile[], state: Partial<Change['state']> = {}): Change {
  return {
    ref: {
      installationId: 7,
      repositoryId: 186853002,
      owner: 'Codertocat',
      repo: 'Hello-World',
      number: 2,
      headSha,
      baseRef: 'main',
      kind: 'pull_request',
    },
    state: {
      headSha,
      baseSha: commitSha('c'.repeat(40)),
      headRef: 'changes',
      baseRef: 'main',
      title: 'Compute the area',
      body: 'Width times height.',
      author: 'Codertocat',
      open: true,
      draft: false,
      locked: false,
      changedFiles: files.length,
      ...state,
    },
    commits: ['Compute the area'],
    files,
  }
}

export function modified(path: string, patch: string): ChangedFile {
  const lines = patch.split('\n')
  const additions = lines.filter((line) => line.startsWith('+')).length
  return { path, status: 'modified', additions, deletions: lines.filter((line) => line.startsWith('-')).length, patch }
}

/** A new file of one hunk with so many lines, each of about ten tokens. */
export function added(path: string, lines: number): ChangedFile {
  const text = Array.from(
    { length: lines },
    (_, index) => `+const value${String(index).padStart(6, '0')} = compute(1)\n`,
  )
  return {
    path,
    status: 'added',
    additions: lines,
    deletions: 0,
    patch: `@@ -0,0 +1,${lines} @@\n${text.join('')}`.trimEnd(),
  }
}

export const areaPatch = `@@ -10,4 +10,4 @@ export function area(box) {
   const width = box.right - box.left
-  return width * box.height
+  return width * height
 }
 `

export function materialOf(change: Change, files: ChangedFile[]): Material {
  return { change, files, found: [] }
}

/** What a model says of the file `src/area.js` that `areaPatch` changes. */
export const areaFinding = {
  reviewer: 'correctness',
  severity: 'high',
  path: 'src/area.js',
  line: 11,
  start_line: null,
  side: 'RIGHT',
  quote: '  return width * height',
  title: 'height is not defined',
  body: 'Only `box.height` exists.',
  suggestion: null,
}

/** The same as it comes before the verifier. */
export function areaClaim(changes: Partial<PlacedFinding> = {}): PlacedFinding {
  return {
    reviewer: 'correctness',
    severity: 'medium',
    path: 'src/area.js',
    line: 11,
    side: 'RIGHT',
    title: 'height is not defined',
    body: 'Only `box.height` exists.',
    placement: { kind: 'inline', anchor: { path: 'src/area.js', side: 'RIGHT', line: 11 } },
    ...changes,
  }
}
