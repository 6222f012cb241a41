// One analyzer, in a thread of its own: see `run-analyzer.ts`.
import { parentPort, workerData } from 'node:worker_threads'
import type { Analyzer, AnalyzerName, CheckedFile } from './analyzer.ts'

export interface AnalyzerTask {
  name: AnalyzerName
  files: CheckedFile[]
}

// `run-analyzer.ts` is the only one who starts this file, and sends exactly this.
const { files, name } = workerData as AnalyzerTask
// Each analyzer is a file with its name, so a thread loads only what it needs.
const analyzer = (await import(`./${name}.ts`)) as Analyzer
parentPort?.postMessage(await analyzer.analyze(files))
