// The analyzers, in a thread of their own: see `run-analyzer.ts`. One task at a time, one answer to each.
import { parentPort } from 'node:worker_threads'
import type { Analyzer, AnalyzerName, CheckedFile } from './analyzer.ts'

export interface AnalyzerTask {
  name: AnalyzerName
  files: CheckedFile[]
}

// `run-analyzer.ts` is the only one who starts this file, and sends exactly this. What throws here ends the thread.
parentPort?.on('message', ({ files, name }: AnalyzerTask) => {
  // Each analyzer is a file with its name, so a thread loads only what it needs.
  void import(`./${name}.ts`)
    .then((analyzer: Analyzer) => analyzer.analyze(files))
    .then((findings) => parentPort?.postMessage(findings))
})
