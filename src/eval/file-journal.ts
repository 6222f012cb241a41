// The journal without a database: a file with one line of JSON for each finished step. An interrupted run goes on from it,
// and a recorded one can be replayed where there is no model.
//
// What must always hold: a step is in the file only whole. A line is written at once, and what a process that was killed left
// of its last one is cut off when the file is opened again. One process at a time writes to a file.
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Journal, StepResult, TokenCount } from '../jobs/ports.ts'
import { PermanentError, takeApart } from '../review/errors.ts'

/** One line. */
export interface FinishedStep {
  key: string
  /** SHA-256 of the input as JSON, in hex. */
  inputHash: string
  output: unknown
  /** Missing for a step that asked no model. */
  tokens?: TokenCount
  costUsd?: number
  /** How long it took. */
  ms: number
}

export interface FileJournal extends Journal {
  /** Steps that were run or served since it was opened, in that order, each once; and what failed, where that was paid for. */
  used(): UsedStep[]
}

export interface UsedStep extends Omit<FinishedStep, 'output' | 'inputHash'> {
  /** It was in the file already. */
  served: boolean
}

/** Lives as long as the process. */
export function createMemoryJournal(): FileJournal {
  return createJournal([], () => undefined)
}

/** Made with its folders when it is not there. Throws an `Error` that names the line when the file holds something else. */
export function createFileJournal(file: string): FileJournal {
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, '')
  const text = readFileSync(file)
  const whole = text.subarray(0, text.lastIndexOf('\n') + 1)
  if (whole.length < text.length) truncateSync(file, whole.length)
  return createJournal(readSteps(whole.toString(), file), (step) => appendFileSync(file, `${JSON.stringify(step)}\n`))
}

/** Only answers. Throws a `PermanentError` that names the step which was not recorded, and says what differs. */
export function createReplayJournal(file: string): FileJournal {
  if (!existsSync(file)) throw new PermanentError(`${file} is not there: nothing of this was recorded`)
  const steps = readSteps(readFileSync(file, 'utf8'), file)
  const replayed = createJournal(steps, () => undefined)
  return {
    used: () => replayed.used(),
    step(key, input) {
      return replayed.step(key, input, () => {
        const others = steps.filter((step) => step.key === key).length
        const why = others === 0 ? 'It was not recorded.' : `${others} of that name are recorded, with other input.`
        throw new PermanentError(`The step ${key} cannot be replayed from ${file}. ${why}`)
      })
    },
  }
}

/** The steps of a file, without opening it for writing. */
function readSteps(text: string, file: string): FinishedStep[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as FinishedStep // our own file; what it holds is checked by whoever uses a step's output
    } catch (cause) {
      throw new Error(`line ${index + 1} of ${file} is no recorded step`, { cause })
    }
  })
}

function createJournal(recorded: readonly FinishedStep[], append: (step: FinishedStep) => void): FileJournal {
  const steps = new Map(recorded.map((step) => [`${step.key}\0${step.inputHash}`, step]))
  // By step: one that is asked for again, because something later failed, was used once.
  const used = new Map<string, UsedStep>()
  const lost: UsedStep[] = []
  return {
    used: () => [...used.values(), ...lost],
    async step<T>(key: string, input: unknown, run: () => Promise<StepResult<T>>): Promise<T> {
      const inputHash = createHash('sha256').update(toJson(input)).digest('hex')
      const id = `${key}\0${inputHash}`
      const found = steps.get(id)
      if (found) {
        if (!used.has(id)) used.set(id, toUsed(found, true))
        // A copy, as from the database; written by a `run` of the same T under the same key.
        return structuredClone(found.output) as T
      }
      const startedAt = performance.now()
      const { costUsd, output, tokens } = await run().catch((thrown: unknown) => {
        const { error, taken } = takeApart(thrown)
        if (taken) lost.push({ key, ms: Math.round(performance.now() - startedAt), served: false, ...taken })
        throw error
      })
      const step: FinishedStep = {
        ...{ key, inputHash, output },
        ...(tokens ? { tokens } : {}),
        ...(costUsd === undefined ? {} : { costUsd }),
        ms: Math.round(performance.now() - startedAt),
      }
      append(step)
      steps.set(id, step)
      used.set(id, toUsed(step, false))
      return output
    },
  }
}

function toUsed({ costUsd, key, ms, tokens }: FinishedStep, served: boolean): UsedStep {
  return { key, ms, served, ...(tokens ? { tokens } : {}), ...(costUsd === undefined ? {} : { costUsd }) }
}

/** `undefined`, which JSON has no word for, becomes `null`. */
function toJson(value: unknown): string {
  return JSON.stringify(value) ?? 'null'
}
