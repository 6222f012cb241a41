// A small local repository with a change on a branch: `base..head`.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createFreshRepository } from '../../src/repo/fresh-repository.ts'

export type Files = Readonly<Record<string, string>>

export const patient: AbortSignal = new AbortController().signal

/** Made up: shaped like a real one. */
export const token = `ghp_${'q7Rk2VxT9mB4sLw8'.repeat(2)}Zj3p`

/** The mock model finds what is wrong with `src/a.ts`; the token is for nobody. */
export const usualHead: Files = {
  'src/a.ts': `export const isEmpty = (a: number) => a === NaN\nexport const token = '${token}'\n`,
  'src/b.ts': 'export const b = 2\n',
}

export async function writeFiles(folder: string, files: Files): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}

export async function createLocalRepository(root: string, head: Files = usualHead): Promise<string> {
  const folder = await mkdtemp(join(root, 'repository-'))
  const from = await writeFiles(join(folder, 'trees', 'base'), { 'src/a.ts': 'export {}\n', 'src/b.ts': 'export {}\n' })
  const tree = await writeFiles(join(folder, 'trees', 'head'), head)
  const dir = join(folder, 'clone')
  const at = { dir, environment: { PATH: process.env['PATH'] ?? '' } }
  await createFreshRepository(
    at,
    { base: { kind: 'folder', folder: from }, head: { kind: 'folder', folder: tree }, message: 'Add a and b' },
    patient,
  )
  return dir
}

export const createRoot = (): Promise<string> => mkdtemp(join(tmpdir(), 'plumbline-local-'))
