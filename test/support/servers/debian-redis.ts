// redis-server from Debian's packages, without root and without touching the system: downloaded into a cache folder,
// unpacked there, and run with the unpacked libraries.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

export interface ServerBinary {
  path: string
  env: Record<string, string>
}

/** What `redis-server` of Debian 12 needs and a slim image may lack. 1.5 MB. */
const packages = [
  'redis-server',
  'redis-tools',
  'libjemalloc2',
  'liblua5.1-0',
  'liblzf1',
  'libhiredis0.14',
  'libatomic1',
  'lua-bitop',
  'lua-cjson',
]

const cache = resolve('.cache/redis')

/** Throws when this is not a Debian with apt-get, or its packages cannot be reached. */
export function debianRedis(): ServerBinary {
  const root = join(cache, 'root')
  if (!existsSync(join(root, 'usr/bin/redis-server'))) unpack(root)
  return { path: join(root, 'usr/bin/redis-server'), env: { LD_LIBRARY_PATH: libraryFolders(root).join(':') } }
}

function unpack(root: string): void {
  const work = join(cache, `work-${process.pid}`)
  for (const folder of ['lists/partial', 'cache/archives/partial', 'deb', 'root'])
    mkdirSync(join(work, folder), { recursive: true })
  const apt = (...args: string[]): void => {
    const folders = [`-oDir::State::lists=${join(work, 'lists')}`, `-oDir::Cache=${join(work, 'cache')}`]
    execFileSync('apt-get', [...folders, '-oDebug::NoLocking=1', '-qq', ...args], {
      cwd: join(work, 'deb'),
      stdio: 'pipe',
    })
  }
  apt('update')
  apt('download', ...packages)
  for (const file of readdirSync(join(work, 'deb')))
    execFileSync('dpkg-deb', ['-x', join(work, 'deb', file), join(work, 'root')], { stdio: 'pipe' })
  // Renamed at the end: an interrupted download leaves nothing that looks whole.
  if (!existsSync(root)) renameSync(join(work, 'root'), root)
  rmSync(work, { recursive: true, force: true })
}

/** `usr/lib/<architecture>`, whatever the architecture is. */
function libraryFolders(root: string): string[] {
  return ['usr/lib', 'lib']
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.includes('-linux-'))
        .map((name) => join(folder, name)),
    )
}
