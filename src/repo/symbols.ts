// Reads code as code, where it can do no harm: what is parsed was written by somebody else.
import type { CodeSymbol, SymbolReader } from '../jobs/code/codebase.ts'
import { grammarFor } from '../review/code/grammar.ts'
import { SharedThread } from '../threads/shared-thread.ts'
import type { SymbolTask } from './code/symbol-thread.ts'

/** A grammar takes about 100 ms to load and the largest file less than that to parse; the rest is for a busy machine. */
const usualTimeoutMs = 10_000
/** In UTF-16 units. Longer files are data or generated. */
const maxTextLength = 256 * 1024

export interface OpenSymbolReader extends SymbolReader {
  /** Ends its thread, which does not keep the process alive. */
  close(): Promise<void>
}

export function createSymbolReader(limits: { timeoutMs?: number; idleMs?: number } = {}): OpenSymbolReader {
  const { idleMs, timeoutMs = usualTimeoutMs } = limits
  const thread = new SharedThread(new URL('./code/symbol-thread.ts', import.meta.url), idleMs)
  async function ask(task: SymbolTask, signal: AbortSignal): Promise<unknown> {
    const asked = await thread.ask(task, { signal, timeoutMs })
    return asked.kind === 'answered' ? asked.answer : undefined
  }
  return {
    close: () => thread.close(),
    async symbolsOf(path, text, signal) {
      const grammar = grammarFor(path)
      if (grammar === undefined || text.length > maxTextLength) return []
      const answer = await ask({ kind: 'symbols', grammar, text }, signal)
      return (answer ?? []) as CodeSymbol[] // see `code/symbol-thread.ts`
    },
    async usesOf(name, { path, text }, signal) {
      const grammar = grammarFor(path)
      if (grammar === undefined || text.length > maxTextLength) return undefined
      if (name === '') return []
      const answer = await ask({ kind: 'uses', grammar, text, name }, signal)
      return answer as number[] | undefined // see `code/symbol-thread.ts`
    },
  }
}
