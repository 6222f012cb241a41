import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { readLocalChange } from '../../src/repo/local-change.ts'
import { parseFilePatch } from '../../src/review/diff.ts'
import { UserError } from '../../src/review/errors.ts'
import type { Change } from '../../src/review/pull-request.ts'
import { createCommit, type Files, git as theirGit } from '../support/github/world/git.ts'
import { createFolder, git, patient } from './repositories.ts'

let folder: string
let gitDir: string

beforeEach(async () => {
  folder = join(await createFolder(), 'shop')
  await theirGit('.', ['init', '--quiet', '--initial-branch=main', folder])
  gitDir = join(folder, '.git')
})

const commit = (branch: string, files: Files, options: { parent?: string; message?: string } = {}): Promise<string> =>
  createCommit(gitDir, { branch, files, message: 'A change', ...options })

const read = async (range?: string): Promise<Change> =>
  (await readLocalChange(git, { folder, ...(range === undefined ? {} : { range }) }, patient)).change

/** `main` with these files, and `topic`, checked out, with those. */
async function branchOff(before: Files, after: Files): Promise<void> {
  const parent = await commit('main', before)
  await commit('topic', after, { parent })
  await theirGit(folder, ['symbolic-ref', 'HEAD', 'refs/heads/topic'])
}

test('a folder that is in no repository is told', async () => {
  const reading = readLocalChange(git, { folder: '/' }, patient)

  await expect(reading).rejects.toThrow(UserError)
  await expect(reading).rejects.toThrow('/ is not in a git repository')
})

test.each(['main..nowhere', 'nowhere', '--upload-pack=touch canary..HEAD', '-n1', 'main..\0', 'main:a.ts', '^main'])(
  'a name that is no commit is told: %j',
  async (range) => {
    await branchOff({ 'a.ts': 'one\n' }, { 'a.ts': 'two\n' })

    const reading = read(range)

    await expect(reading).rejects.toThrow(UserError)
    await expect(reading).rejects.toThrow(/^There is no commit/)
    expect(await readdir(folder)).toEqual(['.git'])
  },
)

test('a repository without commits is told', async () => {
  await expect(read()).rejects.toThrow('There is no commit "HEAD" in this repository.')
})

test('a change without a change is told', async () => {
  await commit('main', { 'a.ts': 'one\n' })

  await expect(read('main..HEAD')).rejects.toThrow('Nothing changed: "HEAD" has what "main" had.')
})

test('branches that have nothing in common are told', async () => {
  await commit('main', { 'a.ts': 'one\n' })
  await commit('other', { 'a.ts': 'two\n' })

  await expect(read('main..other')).rejects.toThrow('"main" and "other" have no commit in common.')
})

test('a shallow clone that does not reach back far enough is told how to mend it', async () => {
  const parent = await commit('main', { 'a.ts': 'one\n' })
  await commit('main', { 'a.ts': 'two\n' }, { parent })
  await commit('topic', { 'a.ts': 'three\n' }, { parent })
  const clone = join(folder, 'clone')
  await theirGit('.', ['clone', '--quiet', '--depth=1', '--no-single-branch', `file://${folder}`, clone])

  const reading = readLocalChange(git, { folder: clone, range: 'origin/main..origin/topic' }, patient)

  await expect(reading).rejects.toThrow('Run: git fetch --unshallow')
})

test('a branch whose base nobody can guess has to be told with it', async () => {
  await commit('topic', { 'a.ts': 'one\n' })
  await theirGit(folder, ['symbolic-ref', 'HEAD', 'refs/heads/topic'])

  await expect(read()).rejects.toThrow('Say what to compare with: BASE..HEAD')
})

test.each([undefined, 'topic', 'main..HEAD', 'main...topic', 'main..', 'origin/HEAD..topic'])(
  'what the base did meanwhile does not belong to the change: %s',
  async (range) => {
    const parent = await commit('main', { 'a.ts': 'one\n', 'b.ts': 'one\n' })
    const first = await commit('topic', { 'a.ts': 'two\n' }, { parent, message: 'Say two\n\nBecause.\n' })
    await commit('topic', { 'c.ts': 'new\n' }, { parent: first, message: 'Add c' })
    await commit('main', { 'b.ts': 'meanwhile\n' }, { parent })
    await theirGit(folder, ['update-ref', 'refs/remotes/origin/main', 'main'])
    await theirGit(folder, ['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main'])
    await theirGit(folder, ['symbolic-ref', 'HEAD', 'refs/heads/topic'])

    const change = await read(range)

    expect(change.files).toEqual([
      { path: 'a.ts', status: 'modified', additions: 1, deletions: 1, patch: '@@ -1 +1 @@\n-one\n+two' },
      { path: 'c.ts', status: 'added', additions: 1, deletions: 0, patch: '@@ -0,0 +1 @@\n+new' },
    ])
    expect(change.commits).toEqual(['Say two', 'Add c'])
    expect(change.state.baseSha).toBe(parent)
    expect(change.ref.repo).toBe('shop')
  },
)

test('files are listed as GitHub lists them', async () => {
  const long = Array.from({ length: 30 }, (_, n) => `line ${n}\n`).join('')
  await branchOff(
    {
      'moved.ts': long,
      'gone.ts': 'old\n',
      'image.png': Buffer.from([0, 1, 2]),
      'no newline': 'a',
      'to link': 'text\n',
      'mode.sh': 'x\n',
      module: { mode: '160000', content: '1'.repeat(40) },
    },
    {
      'moved.ts': null,
      'ordner/ü "x"\n.ts': long.replace('line 3\n', 'LINE 3\n'),
      'gone.ts': null,
      'image.png': Buffer.from([0, 1, 3]),
      'no newline': 'b',
      'to link': { mode: '120000', content: 'elsewhere' },
      'mode.sh': { mode: '100755', content: 'x\n' },
      module: { mode: '160000', content: '2'.repeat(40) },
      'large.txt': 'line\n'.repeat(30_000),
    },
  )

  const { files } = await read()

  const patchOf = (path: string): string | undefined => files.find((one) => one.path === path)?.patch
  expect(files.map(({ path, status, additions, deletions }) => [path, status, additions, deletions])).toEqual([
    ['gone.ts', 'removed', 0, 1],
    ['image.png', 'modified', 0, 0],
    ['large.txt', 'added', 30_000, 0],
    ['mode.sh', 'modified', 0, 0],
    ['module', 'modified', 1, 1],
    ['no newline', 'modified', 1, 1],
    ['ordner/ü "x"\n.ts', 'renamed', 1, 1],
    ['to link', 'changed', 1, 1],
  ])
  expect(files.find(({ status }) => status === 'renamed')?.previousPath).toBe('moved.ts')
  expect(['image.png', 'large.txt', 'mode.sh', 'to link'].map(patchOf)).toEqual(Array(4).fill(undefined))
  expect(patchOf('no newline')).toBe('@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file')
  expect(patchOf('ordner/ü "x"\n.ts')).toContain('-line 3\n+LINE 3\n')
  expect(patchOf('module')).toBe(
    `@@ -1 +1 @@\n-Subproject commit ${'1'.repeat(40)}\n+Subproject commit ${'2'.repeat(40)}`,
  )
})

test('what looks like a diff inside a file stays inside its patch', async () => {
  const lines = ['diff --git a/x b/x', '--- a/x', '+++ b/x', '@@ -1 +1 @@', '-- old', '++ new', '\\ No newline', '']
  await branchOff({ 'a.patch': 'x\n', 'b.ts': 'one\n' }, { 'a.patch': lines.join('\n'), 'b.ts': 'two\r\n' })

  const { files } = await read()

  expect(files.map(({ path }) => path)).toEqual(['a.patch', 'b.ts'])
  expect(files.map((file) => 'hunks' in parseFilePatch(file))).toEqual([true, true])
  expect(files[1]?.patch).toBe('@@ -1 +1 @@\n-one\n+two\r')
})

test('the settings of the repository and of its owner change nothing and start nothing', async () => {
  await branchOff({ 'a.ts': 'one\n\nthree\n' }, { 'a.ts': 'two\n\nthree\n', '.gitattributes': '* diff=evil -text\n' })
  const canary = join(folder, 'canary')
  const program = join(folder, 'program.sh')
  await writeFile(program, `#!/bin/sh\necho ran > ${canary}\ncat "$1"\n`)
  await chmod(program, 0o755)
  await mkdir(join(gitDir, 'info'), { recursive: true })
  await writeFile(join(gitDir, 'info', 'attributes'), '* diff=evil filter=evil\n')
  const settings = ['core.fsmonitor', 'core.pager', 'core.sshCommand', 'core.alternateRefsCommand', 'diff.external']
  const drivers = ['diff.evil.command', 'diff.evil.textconv', 'filter.evil.smudge', 'gpg.program']
  for (const name of [...settings, ...drivers]) await theirGit(folder, ['config', name, program])
  for (const name of ['log.showSignature', 'diff.noprefix', 'diff.suppressBlankEmpty', 'diff.mnemonicPrefix'])
    await theirGit(folder, ['config', name, 'true'])
  for (const [name, value] of [
    ['diff.context', '0'],
    ['diff.renames', 'false'],
    ['color.ui', 'always'],
  ])
    await theirGit(folder, ['config', name ?? '', value ?? ''])

  const { change, codebase } = await readLocalChange(git, { folder }, patient)
  const text = await codebase.readFile('a.ts', 'base', patient)
  await codebase.history?.('a.ts', { first: 1, last: 3 }, patient)
  await codebase.search?.({ pattern: 'two', kind: 'literal', wholeWord: false, most: 5 }, patient)

  expect(change.files.find(({ path }) => path === 'a.ts')?.patch).toBe('@@ -1,3 +1,3 @@\n-one\n+two\n \n three')
  expect(text).toBe('one\n\nthree\n')
  expect(await readdir(folder)).toEqual(['.git', 'program.sh'])
})

test('the codebase of a change is read at the commit where the change started', async () => {
  const parent = await commit('main', { 'a.ts': 'one\n' })
  await commit('topic', { 'a.ts': 'two\n' }, { parent })
  await commit('main', { 'a.ts': 'meanwhile\n' }, { parent })

  const { codebase } = await readLocalChange(git, { folder, range: 'main..topic' }, patient)

  expect(await codebase.readFile('a.ts', 'base', patient)).toBe('one\n')
  expect(await codebase.readFile('a.ts', 'head', patient)).toBe('two\n')
})
