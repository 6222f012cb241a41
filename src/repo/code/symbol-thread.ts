// Looks into code in a thread of its own: see `../symbols.ts`. One question at a time, one answer to each.
import { parentPort } from 'node:worker_threads'
import { findSymbols, findUses } from './code-tree.ts'

export type SymbolTask =
  | { kind: 'symbols'; grammar: string; text: string }
  | { kind: 'uses'; grammar: string; text: string; name: string }

// `../symbols.ts` is the only one who starts this file, and sends exactly this. What throws here ends the thread.
parentPort?.on('message', (task: SymbolTask) => {
  const found =
    task.kind === 'symbols' ? findSymbols(task.grammar, task.text) : findUses(task.grammar, task.text, task.name)
  void found.then((answer) => parentPort?.postMessage(answer))
})
