// Runs one analyzer where it can do no harm: whatever it is given was written by somebody else, and a file that makes a parser
// loop, throw or eat memory must cost this analyzer, not the worker and its heartbeats.
//
// The design: one thread for the reviews of this process, one analyzer at a time, with an empty environment, a limit on its memory
// and one on its time. Ending a thread ends a loop too, in JavaScript and in WebAssembly; the next analyzer gets a new one.
import type { Finding } from '../review/finding.ts'
import { SharedThread } from '../threads/shared-thread.ts'
import type { AnalyzerTask } from './analyzer-thread.ts'

export type Analyzed = { kind: 'done'; findings: Finding[] } | { kind: 'failed'; reason: string }

/** A grammar takes about 100 ms to load and a file of 256 kB less than that to parse; the rest is for a machine under load. */
const usualTimeoutMs = 10_000

const thread = new SharedThread(new URL('./analyzer-thread.ts', import.meta.url))

/** Rejects only with the signal's reason. `failed` has a reason for people, without anything of the files. */
export async function runAnalyzer(
  task: AnalyzerTask,
  { signal, timeoutMs = usualTimeoutMs }: { signal: AbortSignal; timeoutMs?: number },
): Promise<Analyzed> {
  const asked = await thread.ask(task, { signal, timeoutMs })
  if (asked.kind === 'failed') return { kind: 'failed', reason: 'it failed on a file of this change' }
  if (asked.kind === 'late') return { kind: 'failed', reason: `it took longer than ${timeoutMs / 1000} s` }
  return { kind: 'done', findings: asked.answer as Finding[] } // see `analyzer-thread.ts`
}
