// One thread for many questions, one at a time, with an empty environment, a limit on its memory and one on the time of each
// question.
//
// A thread takes 60 to 100 ms to start, so it is kept for the next question; and ended when it was idle, when it did not
// answer, and after a number of questions, because the memory of WebAssembly only grows.
import { Worker } from 'node:worker_threads'

const maxQuestions = 1_000
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 2 }

export class SharedThread {
  readonly #file: URL
  readonly #limits: { timeoutMs: number; idleMs: number }
  #thread: Worker | undefined
  #questions = 0
  #idle: NodeJS.Timeout | undefined
  #turn: Promise<unknown> = Promise.resolve()

  /** The file answers each message with one message. */
  constructor(file: URL, limits: { timeoutMs: number; idleMs: number }) {
    this.#file = file
    this.#limits = limits
  }

  /** `undefined`: it failed, or took too long. Rejects only with the signal's reason. */
  ask(question: unknown, signal: AbortSignal): Promise<unknown> {
    const answer = this.#turn.then(() => this.#askNow(question, signal))
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

  async #askNow(question: unknown, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted()
    clearTimeout(this.#idle)
    this.#thread ??= this.#start()
    this.#thread.ref()
    const within = AbortSignal.any([signal, AbortSignal.timeout(this.#limits.timeoutMs)])
    try {
      const answer = answerOf(this.#thread, within)
      this.#thread.postMessage(question)
      return await answer
    } catch {
      await this.close()
      signal.throwIfAborted()
      return undefined
    } finally {
      // An idle thread keeps no process alive.
      this.#thread?.unref()
      if (++this.#questions >= maxQuestions) await this.close()
      else this.#idle = setTimeout(() => void this.close(), this.#limits.idleMs).unref()
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
