// A private redis-server (or valkey-server) on a free port of the loopback address.
import { existsSync, mkdtempSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, removeFolder, startServer, type ServerChild, untilReady } from './child.ts'
import { debianRedis, type ServerBinary } from './debian-redis.ts'

export interface PrivateRedis {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** For SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void
  /** Dies at once. `restart` starts it again on the same port, with what its AOF kept. */
  kill9(): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface RedisOptions {
  /** `everysec` or `always`; none keeps nothing on disk. */
  appendfsync?: 'everysec' | 'always'
  maxmemoryPolicy?: string
  /** More of redis.conf, as command line arguments. */
  args?: string[]
}

export async function startRedis(options: RedisOptions = {}): Promise<PrivateRedis> {
  const binary = findRedis()
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-redis-'))
  const args = argumentsOf(options, port, dir)
  const start = (): Promise<ServerChild> =>
    untilReady(startServer({ ...binary, args, dir, killSignal: 'KILL' }), () => ping(port))
  let child = await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid
    },
    signal: (signal) => child.signal(signal),
    kill9: () => child.end('SIGKILL'),
    async restart() {
      await child.end('SIGKILL')
      child = await start()
    },
    async stop() {
      await child.end('SIGKILL')
      removeFolder(dir)
    },
  }
}

function argumentsOf(options: RedisOptions, port: number, dir: string): string[] {
  const { appendfsync, maxmemoryPolicy = 'noeviction', args = [] } = options
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '']
  const aof = appendfsync ? ['--appendonly', 'yes', '--appendfsync', appendfsync] : ['--appendonly', 'no']
  return [...place, ...aof, '--maxmemory-policy', maxmemoryPolicy, ...args]
}

function findRedis(): ServerBinary {
  const folders = (process.env['PATH'] ?? '').split(':')
  const installed = ['redis-server', 'valkey-server']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path))
  if (installed !== undefined) return { path: installed, env: {} }
  try {
    return debianRedis()
  } catch (cause) {
    throw new Error(
      'The tests need Redis. Install redis-server or valkey-server (6.2 or newer) or set REDIS_URL: ' +
        'there is none on PATH, and fetching it with apt-get did not work.',
      { cause },
    )
  }
}

/** PING over a plain socket: a client with its reconnects would be in the way here. */
function ping(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.setTimeout(2000, () => socket.destroy(new Error('no answer')))
    socket.on('error', reject)
    socket.on('data', (data) => {
      socket.destroy()
      // LOADING, while it reads its AOF, is not ready yet; one that wants a password is.
      if (/^(?:\+PONG|-NOAUTH)/.test(data.toString())) resolve()
      else reject(new Error(data.toString().slice(0, 100)))
    })
  })
}
