// Server processes that die with the run, however it ends.
//
// A handler on `exit` is not enough: it does not run when vitest kills a worker, or when somebody kills vitest. So each server has a
// guardian, a shell that reads from a pipe we hold. When we are gone, whatever took us, the system closes the pipe, and the
// guardian ends the server and removes its folder. It sits in a session of its own: Ctrl-C must not reach it first.
// Accepted: a kill -9 between the two spawns leaves the server behind.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'

export interface ServerChild {
  readonly pid: number
  readonly running: boolean
  /** Sends the signal and waits until the process is gone, also when it was stopped by SIGSTOP. */
  end(signal: NodeJS.Signals): Promise<void>
  signal(signal: NodeJS.Signals): void
  /** The last of what it printed, for error messages. */
  output(): string
}

export interface ServerCommand {
  path: string
  args: string[]
  env: Record<string, string>
  /** Its own folder, which goes when the run is killed. */
  dir: string
  /** Ends the server without waiting for its clients. */
  killSignal: 'KILL' | 'QUIT'
  /** Runs as this user; for servers that refuse to run as root. */
  user?: { uid: number; gid: number }
}

export function startServer(command: ServerCommand): ServerChild {
  const child = spawn(command.path, command.args, {
    cwd: command.dir,
    env: { PATH: process.env['PATH'] ?? '', ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...command.user,
  })
  let printed = ''
  const keep = (chunk: Buffer): void => {
    printed = (printed + chunk.toString()).slice(-4000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  child.on('error', (error) => keep(Buffer.from(String(error))))
  guard(child, command)
  const isRunning = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null
  return {
    pid: child.pid ?? 0,
    get running() {
      return isRunning()
    },
    async end(signal) {
      if (!isRunning()) return
      const gone = once(child, 'close')
      child.kill(signal)
      child.kill('SIGCONT')
      await gone
    },
    signal: (signal) => void child.kill(signal),
    output: () => printed,
  }
}

/** The folder goes last, and not before the server is gone; ten seconds are plenty, and a pid used anew is not waited for. */
const guardianScript = `read -r _
kill -s "$1" "$2"; kill -s CONT "$2"
for _ in 0 1 2 3 4 5 6 7 8 9; do kill -s 0 "$2" 2>/dev/null || break; sleep 1; done
rm -rf "$3"`

function guard(child: ChildProcess, { killSignal, dir }: ServerCommand): void {
  if (child.pid === undefined) return
  const guardian = spawn('sh', ['-c', guardianScript, 'guardian', killSignal, String(child.pid), dir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guardian.stdin.on('error', () => undefined)
  guardian.unref()
  // First the guardian, or it would take the pid of somebody else for ours.
  child.once('exit', () => guardian.kill('SIGKILL'))
}

/** What a server kept; it must be gone. */
export function removeFolder(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
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

/** Tries until it works. A server that ended, or is not ready within 20 seconds, is an error with what it printed. */
export async function untilReady(child: ServerChild, attempt: () => Promise<unknown>): Promise<ServerChild> {
  const end = performance.now() + 20_000
  for (;;) {
    try {
      await attempt()
      return child
    } catch (cause) {
      if (!child.running || performance.now() > end) {
        await child.end('SIGKILL')
        throw new Error(`a private server did not become ready:\n${child.output()}`, { cause })
      }
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
}
