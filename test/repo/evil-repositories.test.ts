// Repositories that were published to run something, write something, or use something up: each is fetched, read, listed,
// searched and blamed, and nothing of it may have happened.
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import type { Codebase } from '../../src/jobs/code/codebase.ts'
import { createMirrors } from '../../src/repo/mirror.ts'
import type { Files } from '../support/github/world/git.ts'
import { startGitServer } from './git-server.ts'
import { createFolder, createRepository, git, patient } from './repositories.ts'

let root: string
let canary: string

beforeEach(async () => {
  root = await createFolder()
  canary = join(root, 'canary')
})

async function mirror(files: Files): Promise<Codebase | undefined> {
  const { commits, gitDir } = await createRepository(root, files)
  const { url } = await startGitServer(root)
  const [head] = commits
  if (!head) throw new Error(`no commit in ${gitDir}`)
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const mirrors = createMirrors({ git, folder: join(root, 'mirrors'), maxBytes: 1e9, certificateFile: undefined, log })
  return mirrors.open({ repositoryId: 1, url, base: head, head, token: async () => undefined }, patient)
}

/** Whatever can be asked. Answers what the search found. */
async function askEverything(codebase: Codebase | undefined, paths: string[]): Promise<string[]> {
  for (const path of paths) {
    await codebase?.readFile(path, 'head', patient)
    await codebase?.list(path, patient)
    await codebase?.history?.(path, { first: 1, last: 5 }, patient)
  }
  const query = { pattern: 'needle', kind: 'literal', wholeWord: false, most: 1_000 } as const
  return (await codebase?.search?.(query, patient))?.hits.map(({ path }) => path) ?? []
}

const hook = (): string => `#!/bin/sh\ntouch ${canary}\n`
const evil: [name: string, files: () => Files][] = [
  [
    'a submodule whose path ends in a carriage return (CVE-2025-48384)',
    () => ({
      '.gitmodules': `[submodule "a"]\n\tpath = "a\r"\n\turl = ext::sh -c touch% ${canary}\n`,
      'a\r': { mode: '160000', content: '1'.repeat(40) },
      a: { mode: '120000', content: '.git/hooks' },
      'post-checkout': { mode: '100755', content: hook() },
    }),
  ],
  [
    'a submodule behind a link (CVE-2024-32002)',
    () => ({
      '.gitmodules': `[submodule "x/y"]\n\tpath = A/modules/x\n\turl = ${root}/served.git\n`,
      'A/modules/x': { mode: '160000', content: '1'.repeat(40) },
      a: { mode: '120000', content: '.git' },
    }),
  ],
  [
    'links out of the repository',
    () => ({
      passwd: { mode: '120000', content: '/etc/passwd' },
      up: { mode: '120000', content: '../../../../' },
      'needle.txt': { mode: '120000', content: 'needle' },
    }),
  ],
  [
    'a bare repository inside',
    () => ({
      'inner/HEAD': 'ref: refs/heads/main\n',
      'inner/config': `[core]\n\tbare = true\n\tfsmonitor = touch ${canary}\n\tsshCommand = touch ${canary}\n`,
      'inner/objects/.keep': '',
      'inner/refs/.keep': '',
      'inner/hooks/post-checkout': { mode: '100755', content: hook() },
    }),
  ],
  [
    'drivers and filters that are to be run',
    () => ({
      '.gitattributes': '* filter=lfs diff=evil merge=evil text\n',
      '.gitconfig': `[diff "evil"]\n\ttextconv = touch ${canary}\n[filter "lfs"]\n\tsmudge = touch ${canary}\n`,
      '.lfsconfig': `[lfs]\n\turl = ext::sh -c touch% ${canary}\n`,
      'large.bin': `version https://git-lfs.github.com/spec/v1\noid sha256:${'1'.repeat(64)}\nsize 12345\n`,
    }),
  ],
  [
    'names that look like options',
    () => ({
      [`--upload-pack=touch ${canary}`.replaceAll('/', '_')]: 'x',
      '--open-files-in-pager=touch': 'needle',
      '-O': 'x',
      '--': 'x',
    }),
  ],
]

test.each(evil)('%s: nothing is run and nothing written', async (_, files) => {
  const made = files()
  const codebase = await mirror(made)

  await askEverything(codebase, Object.keys(made))

  // A repository that git refuses to fetch has no codebase, which is as good.
  expect((await readdir(root)).toSorted()).toEqual(['mirrors', 'served.git'])
  expect((await readdir('.')).filter((name) => name.includes('canary'))).toEqual([])
})

test('links are listed and not followed, in searches too', async () => {
  const codebase = await mirror({ 'a.ts': 'needle\n', passwd: { mode: '120000', content: '/etc/passwd' } })

  const found = await askEverything(codebase, ['passwd'])

  expect(found).toEqual(['a.ts'])
  expect(await codebase?.readFile('passwd', 'head', patient)).toBeUndefined()
})

test('an LFS pointer is its text', async () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'1'.repeat(64)}\nsize 12345\n`
  const codebase = await mirror({ '.gitattributes': '*.bin filter=lfs\n', 'a.bin': pointer })

  expect(await codebase?.readFile('a.bin', 'head', patient)).toBe(pointer)
})

test('a line of 50 MB is not fetched, and the rest is searched', async () => {
  const codebase = await mirror({ 'a.txt': 'needle'.repeat(9_000_000), 'b.txt': 'needle\n' })

  const found = await askEverything(codebase, ['a.txt', 'b.txt'])

  expect(codebase).toBeDefined()
  expect(found).toEqual(['b.txt'])
})

test('ten thousand files are listed and searched', async () => {
  const files = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`folder/${n}.txt`, `text ${n}\n`]))
  const codebase = await mirror({ ...files, 'folder/needle.txt': 'needle\n', 'b.bin': randomBytes(1_000) })

  const found = await askEverything(codebase, ['folder'])

  expect(found).toEqual(['folder/needle.txt'])
  expect(await codebase?.list('folder', patient)).toHaveLength(10_001)
})
