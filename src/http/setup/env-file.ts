// Settings that are written for the operator, into the file that is read at start.
import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'

/**
 * Sets variables in a `.env` and keeps every other line. Only the owner may read the file afterwards: it holds a private key.
 * It is replaced as a whole, so that a crash leaves the old one. Answers `false`, and changes nothing, where it cannot be written.
 */
export async function writeEnvFile(path: string, values: Readonly<Record<string, string>>): Promise<boolean> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(draft, setVariables(await readIfThere(path), values), { mode: 0o600, flag: 'wx' })
    await rename(draft, path)
    return true
  } catch {
    // Read-only disks, foreign owners, full disks: whatever it is, the values are shown instead.
    await rm(draft, { force: true }).catch(() => undefined)
    return false
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

/** In the place of a line that sets the variable already, else at the end. */
export function setVariables(text: string, values: Readonly<Record<string, string>>): string {
  const left = new Map(Object.entries(values))
  const lines = text.split('\n').map((line) => {
    const name = /^\s*(?:export\s+)?(\w+)\s*=/.exec(line)?.[1] ?? ''
    const value = left.get(name)
    if (value === undefined) return line
    left.delete(name)
    return envLine(name, value)
  })
  if (lines.at(-1) === '') lines.pop()
  return [...lines, ...[...left].map(([name, value]) => envLine(name, value)), ''].join('\n')
}

/** Line breaks as `\n` inside quotes, as https://nodejs.org/api/util.html#utilparseenvcontent reads them. */
export function envLine(name: string, value: string): string {
  return /^[\w:/.@-]*$/.test(value) ? `${name}=${value}` : `${name}="${value.trim().replaceAll('\n', '\\n')}"`
}
