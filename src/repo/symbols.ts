// Reads code as code, where it can do no harm: what is parsed was written by somebody else.
//
// The design: one thread with an empty environment, a limit on its memory and one on the time of each question; one question
// at a time. A thread takes 60 to 100 ms to start, so it is kept for the next question, and ended when it was idle, when it
// did not answer, and after a number of questions, because the memory of WebAssembly only grows.
import { Worker } from 'node:worker_threads'
import type { CodeSymbol, SymbolReader } from '../jobs/code/codebase.ts'
import { grammarFor } from '../review/code/grammar.ts'
import type { SymbolTask } from './symbol-thread.ts'

/** A grammar takes about 100 ms to load and the largest file less than that to parse; the rest is for a busy machine. */
const usualTimeoutMs = 10_000
const usualIdleMs = 30_000
const maxQuestions = 1_000
/** In UTF-16 units. Longer files are data or generated. */
const maxTextLength = 256 * 1024

const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 2 }

export interface OpenSymbolReader extends SymbolReader {
  /** Ends the thread. An idle one keeps no process alive. */
  close(): Promise<void>
}

export function createSymbolReader(options: { timeoutMs?: number; idleMs?: number } = {}): OpenSymbolReader {
  const { idleMs = usualIdleMs, timeoutMs = usualTimeoutMs } = options
  let thread: Worker | undefined
  let questions = 0
  let idle: NodeJS.Timeout | undefined
  let turn: Promise<unknown> = Promise.resolve()

  async function close(): Promise<void> {
    clearTimeout(idle)
    const ending = thread
    thread = undefined
    questions = 0
    await ending?.terminate()
  }

  /** `undefined`: it failed, or took too long. */
  async function askThread(task: SymbolTask, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted()
    clearTimeout(idle)
    thread ??= startThread((ended) => {
      if (thread === ended) thread = undefined
    })
    thread.ref()
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    try {
      const answer = answerOf(thread, within)
      thread.postMessage(task)
      return await answer
    } catch {
      await close()
      signal.throwIfAborted()
      return undefined
    } finally {
      thread?.unref()
      if (++questions >= maxQuestions) await close()
      else idle = setTimeout(() => void close(), idleMs).unref()
    }
  }

  /** The tasks decide what is answered. */
  function ask<T>(task: SymbolTask, signal: AbortSignal): Promise<T | undefined> {
    const answer = turn.then(() => askThread(task, signal)) as Promise<T | undefined>
    turn = answer.catch(() => {})
    return answer
  }

  return {
    close,
    async symbolsOf(path, text, signal) {
      const grammar = grammarFor(path)
      if (grammar === undefined || text.length > maxTextLength) return []
      return (await ask<CodeSymbol[]>({ kind: 'symbols', grammar, text }, signal)) ?? []
    },
    async usesOf(name, { path, text }, signal) {
      const grammar = grammarFor(path)
      if (grammar === undefined || text.length > maxTextLength) return undefined
      return name === '' ? [] : ask<number[]>({ kind: 'uses', grammar, text, name }, signal)
    },
  }
}

function startThread(onExit: (ended: Worker) => void): Worker {
  const options = { env: {}, execArgv: [], argv: [], resourceLimits, stdout: true, stderr: true }
  const thread = new Worker(new URL('./symbol-thread.ts', import.meta.url), options)
  // Without a listener an error between two questions would end this process.
  return thread.on('error', () => {}).once('exit', () => onExit(thread))
}

function answerOf(thread: Worker, signal: AbortSignal): Promise<unknown> {
  const { promise, reject, resolve } = Promise.withResolvers<unknown>()
  const ended = (): void => reject(new Error('the thread ended without an answer'))
  const gaveUp = (): void => reject(signal.reason)
  thread.once('message', resolve).once('exit', ended)
  signal.addEventListener('abort', gaveUp, { once: true })
  return promise.finally(() => {
    thread.off('message', resolve).off('exit', ended)
    signal.removeEventListener('abort', gaveUp)
  })
}
