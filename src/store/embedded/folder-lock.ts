// One process on a folder: a file with the owner's process id.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Folders of this very process. */
const held = new Set<string>()

/** Answers how to let go. Throws a sentence that names the owner. What a killed process left behind is taken over. */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'owner.pid')
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      held.add(file)
      return () => {
        held.delete(file)
        rmSync(file, { force: true })
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      const pid = Number(readFileSync(file, 'utf8'))
      if (held.has(file) || (pid !== process.pid && isAlive(pid)))
        throw new Error(`${folder} is in use by process ${pid}. Stop it, or give both a DATABASE_URL instead.`)
      // Dead, or our own number from before a restart: in a container every start has the same.
      rmSync(file, { force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    // Signal 0 is sent to nobody; it only asks.
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
