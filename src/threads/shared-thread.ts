// One thread for many questions, one at a time, with an empty environment, a limit on its memory and one on the time of each
// question.
//
// A thread takes 60 to 100 ms to start, so it is kept for the next question; and ended when it was idle, when it did not
// answer, and after a number of questions, because the memory of WebAssembly only grows.
import { Worker } from 'node:worker_threads'

const maxQuestions = 1_000
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 2 }

/** `failed`: it threw, ended itself, or needed too much memory. `late`: it was ended. */
export type Asked = { kind: 'answered'; answer: unknown } | { kind: 'failed' } | { kind: 'late' }

/** How long a thread without questions is kept. */
const usualIdleMs = 30_000

export class SharedThread {
  readonly #file: URL
  readonly #idleMs: number
  #thread: Worker | undefined
  #questions = 0
  #idle: NodeJS.Timeout | undefined
  #turn: Promise<unknown> = Promise.resolve()

  /** The file answers each message with one message. */
  constructor(file: URL, idleMs = usualIdleMs) {
    this.#file = file
    this.#idleMs = idleMs
  }

  /** The time counts from its turn. Rejects only with the signal's reason. */
  ask(question: unknown, limits: { signal: AbortSignal; timeoutMs: number }): Promise<Asked> {
    const answer = this.#turn.then(() => this.#askNow(question, limits))
    this.#turn = answer.catch(() => {})
    return answer
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const ending = this.#thread
    this.#thread = undefined
    this.#questions = 0
    await ending?.terminate()
  }

  async #askNow(question: unknown, limits: { signal: AbortSignal; timeoutMs: number }): Promise<Asked> {
    const { signal, timeoutMs } = limits
    signal.throwIfAborted()
    clearTimeout(this.#idle)
    this.#thread ??= this.#start()
    this.#thread.ref()
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    try {
      const answer = answerOf(this.#thread, within)
      this.#thread.postMessage(question)
      return { kind: 'answered', answer: await answer }
    } catch {
      await this.close()
      signal.throwIfAborted()
      return { kind: within.aborted ? 'late' : 'failed' }
    } finally {
      // An idle thread keeps no process alive.
      this.#thread?.unref()
      if (++this.#questions >= maxQuestions) await this.close()
      else this.#idle = setTimeout(() => void this.close(), this.#idleMs).unref()
    }
  }

  #start(): Worker {
    const options = { env: {}, execArgv: [], argv: [], resourceLimits, stdout: true, stderr: true }
    const thread = new Worker(this.#file, options)
    thread.once('exit', () => {
      if (this.#thread === thread) this.#thread = undefined
    })
    // Without a listener an error between two questions would end this process.
    return thread.on('error', () => {})
  }
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
