// A private Postgres on a free port of the loopback address.
import { execFileSync } from 'node:child_process'
import { chownSync, mkdtempSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { freePort, removeFolder, startServer, type ServerChild, untilReady } from './child.ts'
import { postgresBinaries } from './postgres-binaries.ts'

export interface PrivatePostgres {
  /** Of the database `postgres`, as its superuser. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Reaches the postmaster only: stopped, it takes no new connection, but those it has go on. */
  signal(signal: NodeJS.Signals): void
  /** The postmaster dies at once, and its connections with it. `restart` starts it again on the same port and files. */
  kill9(): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Nothing is gained from waiting for the disk: the machine will not lose its power. Commits do survive `kill9`. */
const settings = ['fsync=off', 'full_page_writes=off', 'max_connections=200']

/** `more`: settings as `name=value`. */
export async function startPostgres(more: readonly string[] = []): Promise<PrivatePostgres> {
  const user = serverUser()
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-postgres-'))
  if (user) chownSync(dir, user.uid, user.gid)
  const bin = postgresBinaries(dir, user)
  const data = join(dir, 'data')
  const cluster = ['-D', data, '-U', 'postgres', '-A', 'trust', '-N', '--locale=C', '-E', 'UTF8']
  execFileSync(join(bin, 'initdb'), cluster, { stdio: 'pipe', cwd: dir, ...user })
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    '-h',
    '127.0.0.1',
    '-k',
    dir,
    ...[...settings, ...more].flatMap((one) => ['-c', one]),
  ]
  const command = {
    path: join(bin, 'postgres'),
    args,
    env: {},
    dir,
    killSignal: 'QUIT',
    ...(user ? { user } : {}),
  } as const
  const start = (): Promise<ServerChild> => untilReady(startServer(command), () => postgresVersion(url))
  let child = await start()
  return {
    url,
    port,
    get pid() {
      return child.pid
    },
    signal: (signal) => child.signal(signal),
    kill9: () => child.end('SIGKILL'),
    async restart() {
      await child.end('SIGINT')
      child = await start()
    },
    async stop() {
      await child.end('SIGQUIT')
      removeFolder(dir)
    },
  }
}

/** Postgres refuses to run as root; Debian's package brings the user `postgres`, and `nobody` is everywhere. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (userInfo().uid !== 0) return undefined
  const idOf = (flag: string, name: string): number =>
    Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }))
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: idOf('-u', name), gid: idOf('-g', name) }
    } catch {
      continue
    }
  }
  throw new Error('Postgres refuses to run as root, and there is neither a user postgres nor nobody')
}

/** Connects once. `15.18`, without what the distribution adds. */
export async function postgresVersion(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return rows[0]?.server_version.split(' ')[0] ?? 'unknown'
  } finally {
    await client.end()
  }
}
