// `node tools/lock-file.ts` completes package-lock.json, `npm run check` looks whether it is complete.
//
// npm leaves optional packages of other platforms out of the lock file when the registry it asks does not have them, as some
// mirrors do not, and `npm ci` then refuses the lock file everywhere. An entry without integrity is enough: it is fetched
// only on its own platform.
import { readFileSync, writeFileSync } from 'node:fs'

interface Entry {
  version?: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}

interface LockFile {
  packages: Record<string, Entry>
}

const file = 'package-lock.json'

export function readLockFile(): LockFile {
  return JSON.parse(readFileSync(file, 'utf8')) as LockFile
}

/** Optional packages that some package asks for and the lock file does not hold, with the entry that they need. */
export function missingEntries({ packages }: LockFile): [path: string, entry: Entry][] {
  return Object.values(packages).flatMap((one) =>
    Object.entries(one.optionalDependencies ?? {})
      .filter(([name]) => !packages[`node_modules/${name}`])
      .map(([name, version]): [string, Entry] => [`node_modules/${name}`, entryOf(name, version, one.dev === true)]),
  )
}

/** The platform is the end of the name: `binding-linux-x64-musl`. */
function entryOf(name: string, version: string, dev: boolean): Entry {
  const [os = '', cpu = '', libc = ''] = name
    .slice(name.indexOf('/') + 1)
    .replace(/^.*?-(?=(?:aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|wasm32|win32)(?:-|$))/, '')
    .split('-')
  const c = /^musl/.test(libc) ? { libc: ['musl'] } : /^gnu/.test(libc) ? { libc: ['glibc'] } : {}
  return { version, cpu: [cpu], ...(dev ? { dev } : {}), optional: true, os: [os], ...c }
}

if (import.meta.main) {
  const lock = readLockFile()
  const missing = missingEntries(lock)
  const packages = { ...lock.packages, ...Object.fromEntries(missing) }
  lock.packages = Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(
    missing.length === 0 ? `${file} is complete.` : `${file}: added ${missing.length} packages of other platforms.`,
  )
}
