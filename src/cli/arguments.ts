// What can be typed, and what is said to whoever typed something else.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Environment } from '../config.ts'
import { severities, type Severity } from '../review/finding.ts'

/** Exit code 2: nothing was done, and something else has to be typed. The message says what. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const options = {
  help: flag,
  url: text,
  json: flag,
  sarif: flag,
  dir: text,
  model: text,
  'verify-model': text,
  journal: text,
  'fail-on': { type: 'string', multiple: true },
  out: text,
  judge: text,
  replay: text,
  concurrency: text,
  case: { type: 'string', multiple: true },
} as const

export type Options = ReturnType<typeof parse>['values']
export type OptionName = keyof typeof options

const parse = (args: string[]) => parseArgs({ args, allowPositionals: true, options })

/** Throws a `UsageError`. */
export function readArguments(args: string[]): ReturnType<typeof parse> {
  try {
    return parse(args)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

/** Throws a `UsageError` that names what means nothing to the command: an option that does nothing would be believed. */
export function allowOnly(command: string, given: Options, allowed: readonly OptionName[]): void {
  const others = Object.keys(given).filter((name) => !(allowed as readonly string[]).includes(name))
  if (others.length === 0) return
  const known = allowed.map((name) => `--${name}`).join(', ')
  throw new UsageError(`${command} does not take ${others.map((name) => `--${name}`).join(', ')}; it takes ${known}.`)
}

/** For what was typed: a folder that is not there, or holds something else. */
export function asUsage<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

/** npm starts scripts in the package's own folder; whoever typed the command stands elsewhere. */
export function standingIn(env: Environment): string {
  const byNpm = env['npm_lifecycle_event'] === 'plumbline' ? env['INIT_CWD'] : undefined
  return byNpm ?? process.cwd()
}

/** A path as it was typed, made absolute. */
export function typedPath(path: string, env: Environment): string {
  return resolve(standingIn(env), path)
}

/** What makes a review fail: the least severity, and whether files that were not read do. */
export interface FailOn {
  severity: Severity | undefined
  incomplete: boolean
}

export function readFailOn(given: readonly string[] = []): FailOn {
  const known: readonly string[] = [...severities, 'incomplete']
  const unknown = given.find((one) => !known.includes(one))
  if (unknown !== undefined)
    throw new UsageError(`--fail-on does not know "${unknown}": it is one of ${known.join(', ')}.`)
  // The least severe one of several includes the others.
  return { severity: severities.findLast((one) => given.includes(one)), incomplete: given.includes('incomplete') }
}

export function readCount(name: string, given: string | undefined, usual: number): number {
  if (given === undefined) return usual
  const count = Number(given)
  if (!Number.isSafeInteger(count) || count < 1 || count > 64)
    throw new UsageError(`--${name} is a whole number from 1 to 64, not "${given}".`)
  return count
}
