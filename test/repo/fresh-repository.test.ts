import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type CommittedFiles, createFreshRepository, type FreshRepository } from '../../src/repo/fresh-repository.ts'
import { readLocalChange } from '../../src/repo/local-change.ts'
import { createFolder, createRepository, git, patient } from './repositories.ts'

const environment = { PATH: process.env['PATH'] ?? '' }

async function writeTree(root: string, name: string, files: Record<string, string>): Promise<string> {
  await mkdir(join(root, name, 'src'), { recursive: true })
  for (const [path, text] of Object.entries(files)) await writeFile(join(root, name, path), text)
  return join(root, name)
}

const before = { '.gitignore': '*.log\n', 'kept.log': 'kept\n', 'src/a.ts': 'one\n', 'gone.ts': 'gone\n' }
const after = { '.gitignore': '*.log\n', 'kept.log': 'kept\n', 'src/a.ts': 'two\n' }
const patch = `diff --git a/gone.ts b/gone.ts
deleted file mode 100644
--- a/gone.ts
+++ /dev/null
@@ -1 +0,0 @@
-gone
diff --git a/src/a.ts b/src/a.ts
--- a/src/a.ts
+++ b/src/a.ts
@@ -1 +1 @@
-one
+two
`

test('a patch that does not fit is an error that names what was done', async () => {
  const root = await createFolder()
  const base = { kind: 'folder', folder: await writeTree(root, 'base', { 'src/a.ts': 'something else\n' }) } as const
  const file = join(root, 'head.patch')
  await writeFile(file, patch)

  const made = createFreshRepository(
    { dir: join(root, 'made'), environment },
    { base, head: { kind: 'patch', file }, message: 'Change a' },
    patient,
  )

  await expect(made).rejects.toThrow('applying the patch of a case: git ended with')
})

test('two trees and a patch make the same two commits, ignored files included, every time', async () => {
  const root = await createFolder()
  const base = { kind: 'folder', folder: await writeTree(root, 'base', before) } as const
  const folder = await writeTree(root, 'head', after)
  const file = join(root, 'head.patch')
  await writeFile(file, patch)

  const make = (dir: string, head: FreshRepository['head']) =>
    createFreshRepository({ dir: join(root, dir), environment }, { base, head, message: 'Change a' }, patient)
  const byTree = await make('one', { kind: 'folder', folder })
  const byPatch = await make('two', { kind: 'patch', file })
  const again = await make('three', { kind: 'folder', folder })

  expect(byPatch).toEqual(byTree)
  expect(again).toEqual(byTree)
  const { change, codebase } = await readLocalChange(git, { folder: join(root, 'one'), range: 'base..head' }, patient)
  expect(change.commits).toEqual(['Change a'])
  expect(change.files.map(({ path, status }) => `${path} ${status}`)).toEqual(['gone.ts removed', 'src/a.ts modified'])
  expect(await codebase.readFile('kept.log', 'head', patient)).toBe('kept\n')
})

test('two commits of another repository become a new one that knows nothing of what came later', async () => {
  const root = await createFolder()
  const files = [{ 'a.ts': 'one\n' }, { 'a.ts': 'two\n' }, { 'a.ts': 'mended\n' }]
  const { commits, gitDir } = await createRepository(root, ...files)
  const [from, to, later] = commits.map(String)
  const state = (commit = ''): CommittedFiles => ({ kind: 'commit', dir: gitDir, commit })

  const at = { dir: join(root, 'made'), environment }
  await createFreshRepository(at, { base: state(from), head: state(to), message: 'Change a' }, patient)
  const missing = createFreshRepository(
    { dir: join(root, 'none'), environment },
    { base: state(from), head: state('nowhere'), message: 'Change a' },
    patient,
  )

  await expect(missing).rejects.toThrow(`reading the commit nowhere of ${gitDir}`)
  const { change, codebase } = await readLocalChange(git, { folder: at.dir, range: 'base..head' }, patient)
  expect(change.files).toMatchObject([{ path: 'a.ts', additions: 1, deletions: 1 }])
  expect(await codebase.readFile('a.ts', 'base', patient)).toBe('one\n')
  expect(change.commits).toEqual(['Change a'])
  expect([change.state.headSha, change.state.baseSha]).not.toContain(later)
})
