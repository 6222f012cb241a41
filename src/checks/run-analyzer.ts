// Runs one analyzer where it can do no harm: whatever it is given was written by somebody else, and a file that makes a parser
// loop, throw or eat memory must cost this analyzer, not the worker and its heartbeats.
//
// The design: a thread with an empty environment, a limit on its memory and one on its time. Ending a thread ends a loop too,
// in JavaScript and in WebAssembly. The threads of one review run one after the other.
import { Worker } from 'node:worker_threads'
import type { Finding } from '../review/finding.ts'
import type { AnalyzerTask } from './analyzer-thread.ts'

export type Analyzed = { kind: 'done'; findings: Finding[] } | { kind: 'failed'; reason: string }

/** A grammar takes about 100 ms to load and a file of 256 kB less than that to parse; the rest is for a machine under load. */
const usualTimeoutMs = 10_000

const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 2 }

/** Rejects only with the signal's reason. `failed` has a reason for people, without anything of the files. */
export async function runAnalyzer(
  task: AnalyzerTask,
  { signal, timeoutMs = usualTimeoutMs }: { signal: AbortSignal; timeoutMs?: number },
): Promise<Analyzed> {
  signal.throwIfAborted()
  const thread = new Worker(new URL('./analyzer-thread.ts', import.meta.url), {
    workerData: task,
    env: {},
    execArgv: [],
    argv: [],
    resourceLimits,
    stdout: true,
    stderr: true,
  })
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  try {
    return await answerOf(thread, within)
  } catch {
    signal.throwIfAborted()
    const reason = within.aborted ? `it took longer than ${timeoutMs / 1000} s` : 'it failed on a file of this change'
    return { kind: 'failed', reason }
  } finally {
    await thread.terminate()
  }
}

function answerOf(thread: Worker, signal: AbortSignal): Promise<Analyzed> {
  const { promise, reject, resolve } = Promise.withResolvers<Analyzed>()
  thread.once('message', (findings: Finding[]) => resolve({ kind: 'done', findings }))
  thread.once('error', reject)
  thread.once('exit', () => reject(new Error('the thread ended without an answer')))
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  return promise
}
