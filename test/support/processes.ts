// Plumbline's own processes, as an operator runs them: `node src/app.ts`, `node src/worker.ts`.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface PlumblineProcess {
  readonly pid: number
  /** Everything it logged so far, one JSON line each. */
  readonly lines: string[]
  /** Resolves with the first line that matches, also one already seen. Rejects when the process ends before it. */
  line(pattern: RegExp): Promise<string>
  /** `kill -9`, and waits until it is gone. */
  kill9(): Promise<void>
  /** SIGTERM, and waits for the exit code. */
  stop(): Promise<number | null>
  pause(): void
  resume(): void
  /** Resolves with the exit code when it is gone; `null` after a signal. */
  readonly ended: Promise<number | null>
}

const alive = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/** Nothing of this process's environment but PATH is passed on. `entry` is relative to the repository: `src/app.ts`. */
export function startProcess(entry: string, env: Record<string, string>, args: string[] = []): PlumblineProcess {
  // Nothing of a test lands in `.data`, which is the developer's own.
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-data-'))
  const child = spawn(process.execPath, [entry, ...args], {
    env: { PATH: process.env['PATH'] ?? '', DATA_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  alive.add(child)
  const lines: string[] = []
  const waiting: { pattern: RegExp; resolve(line: string): void; reject(error: Error): void }[] = []
  const hear = (line: string): void => {
    lines.push(line)
    for (const one of waiting) if (one.pattern.test(line)) one.resolve(line)
  }
  createInterface({ input: child.stdout }).on('line', hear)
  createInterface({ input: child.stderr }).on('line', hear)
  const exited = once(child, 'close').then(([code]) => {
    alive.delete(child)
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    for (const one of waiting)
      one.reject(new Error(`${entry} ended (${String(code)}):\n${lines.slice(-20).join('\n')}`))
    return typeof code === 'number' ? code : null
  })
  return {
    pid: child.pid ?? 0,
    lines,
    line(pattern) {
      const seen = lines.find((line) => pattern.test(line))
      if (seen !== undefined) return Promise.resolve(seen)
      return new Promise((resolve, reject) => waiting.push({ pattern, resolve, reject }))
    },
    async kill9() {
      child.kill('SIGKILL')
      await exited
    },
    async stop() {
      child.kill('SIGTERM')
      return exited
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    ended: exited,
  }
}
