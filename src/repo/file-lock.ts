// One process at a time, by a file. Whoever holds it touches it; a file that nobody touches was left behind by a dead process.
//
// Accepted: two processes that find the same dead lock in the same moment may both go on, and so may one that was frozen for
// longer than `staleMs`. What is done under the lock has to bear that: git's own locks keep a repository whole.
import { randomUUID } from 'node:crypto'
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

const touchMs = 5_000
/** Six touches: a machine under load misses some. */
const staleMs = 30_000
const pollMs = 100

/** Rejects with the signal's reason when it is aborted while waiting. */
export async function withFileLock<T>(file: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  const owner = randomUUID()
  while (!(await take(file, owner))) {
    if (await isStale(file)) await rm(file, { force: true })
    else await sleep(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
  const touching = setInterval(() => {
    const now = new Date()
    // Gone: somebody took us for dead. See above.
    utimes(file, now, now).catch(() => {})
  }, touchMs)
  try {
    return await run()
  } finally {
    clearInterval(touching)
    if ((await readFile(file, 'utf8').catch(() => '')) === owner) await rm(file, { force: true })
  }
}

async function take(file: string, owner: string): Promise<boolean> {
  try {
    await writeFile(file, owner, { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function isStale(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > staleMs
}
