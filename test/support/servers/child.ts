// Server processes that die with the run, however it ends.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

const alive = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

export interface ServerChild {
  readonly pid: number
  /** Sends the signal and waits until the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>
  signal(signal: NodeJS.Signals): void
  /** The last of what it printed, for error messages. */
  output(): string
  readonly running: boolean
}

export interface ServerCommand {
  path: string
  args: string[]
  env: Record<string, string>
  /** Runs as this user; for servers that refuse to run as root. */
  user?: { uid: number; gid: number }
}

export function startServer(command: ServerCommand): ServerChild {
  const child = spawn(command.path, command.args, {
    env: { PATH: process.env['PATH'] ?? '', ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...command.user,
  })
  alive.add(child)
  let printed = ''
  const keep = (chunk: Buffer): void => {
    printed = (printed + chunk.toString()).slice(-4000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  child.on('error', (error) => keep(Buffer.from(String(error))))
  child.on('close', () => alive.delete(child))
  return {
    pid: child.pid ?? 0,
    get running() {
      return child.exitCode === null && child.signalCode === null && child.pid !== undefined
    },
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
      const gone = once(child, 'close')
      child.kill(signal)
      await gone
    },
    signal: (signal) => void child.kill(signal),
    output: () => printed,
  }
}

/** A port of the loopback address that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Tries until it works. `what` is for the error after `withinMs`. */
export async function untilReady<T>(what: string, attempt: () => Promise<T>, withinMs = 20_000): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    try {
      return await attempt()
    } catch (cause) {
      if (performance.now() > end) throw new Error(`${what} did not become ready`, { cause })
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
}

/** The first of these commands on PATH or in one of the folders. */
export function whereIs(names: string[], folders: string[], exists: (path: string) => boolean): string | undefined {
  const places = [...(process.env['PATH'] ?? '').split(':'), ...folders]
  return names.flatMap((name) => places.map((place) => `${place}/${name}`)).find(exists)
}
