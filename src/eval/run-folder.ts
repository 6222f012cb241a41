// The folder of a run: `run.json` with its settings, and for each case `<id>/journal.jsonl` and `<id>/result.json`; at the end
// `report.md` and `report.json`. Nothing in it depends on where the cases were.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { figuresOf } from './figures.ts'
import { writeReport } from './report.ts'
import type { CaseResult } from './result.ts'

/** What must be the same when a run goes on. */
export interface RunSettings {
  /** That finds. */
  model: string
  /** That verifies; often the same. */
  verifier: string
  /** `null`: the place decides. */
  judge: string | null
  /** What the model's server told of its context: how much of a change is packed into a request depends on it. */
  contextTokens: number | null
}

export interface Run {
  folder: string
  settings: RunSettings
  results: CaseResult[]
  /** Cases that have no result. */
  unfinished: number
}

/** Where the steps of a case are recorded. */
export interface RunFiles {
  journalOf: (id: string) => string
  judgementsOf: (id: string) => string
}

export interface RunFolder extends RunFiles {
  keptOf: (id: string) => CaseResult | undefined
  keep: (result: CaseResult) => void
  /** Writes `report.md` and `report.json`; answers the Markdown. */
  report: (run: Omit<Run, 'folder' | 'settings'>) => string
}

/** Both names, or the one that does both. */
export function modelsOf({ model, verifier }: RunSettings): string {
  return model === verifier ? model : `${model}, verified by ${verifier}`
}

/** Throws a sentence for people when a run with other settings is in the folder. */
export function openRunFolder(folder: string, settings: RunSettings): RunFolder {
  mkdirSync(folder, { recursive: true })
  const before = readSettings(folder)
  if (before && (modelsOf(before) !== modelsOf(settings) || before.judge !== settings.judge))
    throw new Error(
      `${folder} holds a run with the model ${modelsOf(before)}${before.judge === null ? '' : ` and the judge ${before.judge}`}. Name another folder with --out, or go on with the same settings.`,
    )
  writeWhole(join(folder, 'run.json'), settings)
  return {
    ...filesOf(folder),
    keptOf: (id) => readResult(folder, id),
    keep(result) {
      mkdirSync(join(folder, result.id), { recursive: true })
      writeWhole(join(folder, result.id, 'result.json'), result)
    },
    report({ results, unfinished }) {
      const markdown = writeReport({ folder, settings, results, unfinished })
      writeFileSync(join(folder, 'report.md'), markdown)
      writeWhole(join(folder, 'report.json'), { settings, unfinished, figures: figuresOf(results), cases: results })
      return markdown
    },
  }
}

export function filesOf(folder: string): RunFiles {
  return {
    journalOf: (id) => join(folder, id, 'journal.jsonl'),
    judgementsOf: (id) => join(folder, id, 'judge.jsonl'),
  }
}

/** Throws a sentence for people when there is none. */
export function readRun(folder: string): Run {
  const settings = readSettings(folder)
  if (!settings) throw new Error(`${folder} holds no run: it has no run.json.`)
  const results = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readResult(folder, name) ?? [])
  return { folder, settings, results: results.toSorted((a, b) => (a.id < b.id ? -1 : 1)), unfinished: 0 }
}

function readSettings(folder: string): RunSettings | undefined {
  const settings = readJson(join(folder, 'run.json')) as RunSettings | undefined // written by `openRunFolder` only
  // A run of before there was a choice.
  return settings && { ...settings, verifier: settings.verifier ?? settings.model }
}

function readResult(folder: string, id: string): CaseResult | undefined {
  return readJson(join(folder, id, 'result.json')) as CaseResult | undefined // written by `keep` only
}

function readJson(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

/** Whoever is interrupted leaves the old file or the new one. */
function writeWhole(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`)
  renameSync(`${file}.new`, file)
}
