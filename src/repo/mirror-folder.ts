// The folder of all mirrors: one folder for each repository, named by its id. How much there is, what is removed, and which
// repositories are known to be too large.
//
// A folder's time of change is when the mirror was last used: `touch` sets it.
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface MirrorFolder {
  /** Made when it is not there. */
  create(repositoryId: number): Promise<string>
  touch(repositoryId: number): Promise<void>
  remove(repositoryId: number): Promise<void>
  lockFile(repositoryId: number): string
  rememberTooLarge(repositoryId: number): Promise<void>
  isTooLarge(repositoryId: number): Promise<boolean>
  /** Removes what was not used for longest until all is within the limit. What may still be read from is kept. */
  makeRoom(): Promise<void>
}

/** A repository may have become smaller, or its server faster. */
const rememberMs = 24 * 3_600_000
/** Longer than any review takes. */
const inUseMs = 3_600_000

export function createMirrorFolder(folder: string, maxBytes: number): MirrorFolder {
  const pathOf = (repositoryId: number): string => join(folder, String(repositoryId))
  const mark = (repositoryId: number): string => join(folder, `${repositoryId}.too-large`)
  return {
    lockFile: (repositoryId) => join(folder, `${repositoryId}.lock`),
    async create(repositoryId) {
      await mkdir(pathOf(repositoryId), { recursive: true, mode: 0o700 })
      return pathOf(repositoryId)
    },
    async touch(repositoryId) {
      const now = new Date()
      await utimes(pathOf(repositoryId), now, now)
    },
    remove: (repositoryId) => removeFolder(pathOf(repositoryId)),
    rememberTooLarge: (repositoryId) => writeFile(mark(repositoryId), String(maxBytes)),
    async isTooLarge(repositoryId) {
      const found = await stat(mark(repositoryId)).catch(() => undefined)
      if (!found || Date.now() - found.mtimeMs > rememberMs) return false
      // For a smaller limit than today's it proves nothing.
      return Number(await readFile(mark(repositoryId), 'utf8')) >= maxBytes
    },
    makeRoom: () => makeRoom(folder, maxBytes),
  }
}

async function makeRoom(folder: string, maxBytes: number): Promise<void> {
  const names = await readdir(folder)
  for (const name of names.filter((one) => one.includes(goneInfix))) await removeAll(join(folder, name))
  const mirrors = await Promise.all(names.filter((one) => /^\d+$/.test(one)).map((name) => measure(join(folder, name))))
  let total = mirrors.reduce((sum, { bytes }) => sum + bytes, 0)
  for (const { bytes, path, usedMs } of mirrors.toSorted((a, b) => a.usedMs - b.usedMs)) {
    if (total <= maxBytes || Date.now() - usedMs < inUseMs) return
    await removeFolder(path)
    total -= bytes
  }
}

async function measure(path: string): Promise<{ path: string; bytes: number; usedMs: number }> {
  const found = await stat(path).catch(() => undefined)
  return { path, bytes: await bytesOf(path), usedMs: found?.mtimeMs ?? 0 }
}

/** Files come and go while git works; what is gone counts nothing. */
export async function bytesOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

const goneInfix = '.gone-'

/** First out of the way, so that nobody meets half a mirror. */
async function removeFolder(path: string): Promise<void> {
  const gone = `${path}${goneInfix}${randomUUID()}`
  const wasThere = await rename(path, gone).then(
    () => true,
    () => false,
  )
  if (wasThere) await removeAll(gone)
}

async function removeAll(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 })
}
