// A private redis-server (or valkey-server) on a free port of the loopback address.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startServer, type ServerChild, untilReady, whereIs } from './child.ts'
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
  const aof = options.appendfsync
    ? ['--appendonly', 'yes', '--appendfsync', options.appendfsync]
    : ['--appendonly', 'no']
  const policy = ['--maxmemory-policy', options.maxmemoryPolicy ?? 'noeviction']
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    dir,
    ...aof,
    ...policy,
    ...(options.args ?? []),
  ]
  const start = async (): Promise<ServerChild> => {
    const child = startServer({ ...binary, args })
    await untilReady(`redis-server on port ${port}`, () => ping(port)).catch((cause: unknown) => {
      throw new Error(child.output(), { cause })
    })
    return child
  }
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
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function findRedis(): ServerBinary {
  const installed = whereIs(['redis-server', 'valkey-server'], [], existsSync)
  if (installed !== undefined) return { path: installed, env: {} }
  try {
    return debianRedis()
  } catch (cause) {
    throw new Error(
      'The tests need Redis. Install redis-server or valkey-server (version 6.2 or newer), or set REDIS_URL; ' +
        'fetching it with apt-get did not work.',
      { cause },
    )
  }
}

/** PING over a plain socket: the tests' own support needs no client. Answers the server's version. */
export function ping(port: number, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.write('INFO server\r\n'))
    socket.setTimeout(2000, () => socket.destroy(new Error('no answer')))
    socket.on('error', reject)
    socket.on('data', (data) => {
      socket.destroy()
      const version = /(?:valkey|redis)_version:(\S+)/.exec(data.toString())?.[1]
      if (version === undefined) reject(new Error(data.toString().slice(0, 100)))
      else resolve(version)
    })
  })
}
