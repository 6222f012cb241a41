// A case: a change whose problems are known. A folder with `case.json`, and the change beside it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import { severities, type Severity } from '../review/finding.ts'

export interface Problem {
  path: string
  /** 1-based lines of the head; both ends belong to it. */
  startLine: number
  line: number
  severity: Severity
  /** What is wrong, for people and for a judge. */
  what: string
  /** Problems with the same one are the same mistake seen in several places. */
  rootCause: string
  /** A comment that names the problem has one of these, whatever the letter case. Empty: any words will do. */
  words: string[]
}

/** Where the two commits come from. Paths are absolute. */
export type CaseSource =
  | { kind: 'trees'; base: string; head: string }
  /** `patch` as `git diff` writes it, for the tree `base`. */
  | { kind: 'patch'; base: string; patch: string }
  | { kind: 'repository'; dir: string; base: string; head: string }

export interface EvalCase {
  id: string
  language: string
  difficulty: string
  /** Title and description of the pull request. */
  title: string
  description: string
  /** Empty for a change that nothing is wrong with. */
  problems: Problem[]
  source: CaseSource
}

const lineNumber = z.int().positive()

const problem = z.object({
  path: z.string().min(1),
  line: lineNumber,
  start_line: lineNumber.nullish(),
  severity: z.preprocess((value) => (typeof value === 'string' ? value.toLowerCase() : value), z.enum(severities)),
  what: z.string().min(1),
  root_cause: z.union([z.string(), z.number()]).nullish(),
  words: z.array(z.string().min(1)).nullish(),
})

const repository = z.object({ repo: z.string().min(1), base: z.string().min(1), head: z.string().min(1) })

const caseFile = z.object({
  // It becomes the name of a folder.
  id: z.string().regex(/^\w[\w.-]{0,99}$/),
  language: z.string().min(1),
  difficulty: z.string().min(1).nullish(),
  title: z.string().min(1),
  description: z.string().nullish(),
  problems: z.array(problem),
  repo: z.string().optional(),
})

/**
 * The cases in the folders of `dir`, or the one in `dir` itself, by id. Throws an `Error` that lists everything that is wrong
 * with them, each with its file.
 */
export function readCases(dir: string): EvalCase[] {
  const folders = existsSync(join(dir, 'case.json')) ? [dir] : foldersIn(dir)
  const mistakes: string[] = []
  const cases = folders.flatMap((folder) => {
    try {
      return [readCase(folder)]
    } catch (error) {
      mistakes.push(`${join(folder, 'case.json')}: ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  })
  const twice = cases.filter((one, index) => cases.findIndex(({ id }) => id === one.id) !== index)
  mistakes.push(...twice.map(({ id }) => `${dir}: there are two cases with the id ${id}`))
  if (folders.length === 0) mistakes.push(`${dir} holds no case: a case is a folder with a case.json`)
  if (mistakes.length > 0) throw new Error(mistakes.join('\n'))
  return cases.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function foldersIn(dir: string): string[] {
  const entries = readdirSync(dir, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(dir, entry.name, 'case.json')))
    .map(({ name }) => join(dir, name))
}

function readCase(folder: string): EvalCase {
  const json: unknown = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'))
  const parsed = caseFile.safeParse(json)
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
  const { description, difficulty, id, language, problems, title } = parsed.data
  const source = parsed.data.repo === undefined ? sourceIn(folder) : repositoryOf(json, folder)
  const head = { id, language, difficulty: difficulty ?? 'not stated', title, description: description ?? '' }
  return { ...head, problems: problems.map(toProblem), source }
}

function toProblem(found: z.infer<typeof problem>, index: number): Problem {
  const [startLine = found.line, line = found.line] = [found.start_line ?? found.line, found.line].toSorted(
    (a, b) => a - b,
  )
  const { path, severity, what, words } = found
  return {
    path,
    startLine,
    line,
    severity,
    what,
    rootCause: String(found.root_cause ?? `#${index}`),
    words: words ?? [],
  }
}

function sourceIn(folder: string): CaseSource {
  const [base, head, patch] = [resolve(folder, 'base'), resolve(folder, 'head'), resolve(folder, 'head.patch')]
  if (existsSync(base) && existsSync(patch)) return { kind: 'patch', base, patch }
  if (existsSync(base) && existsSync(head)) return { kind: 'trees', base, head }
  throw new Error(`${basename(folder)} has neither base/ with head/ or head.patch beside it, nor a "repo" in it`)
}

function repositoryOf(json: unknown, folder: string): CaseSource {
  const { base, head, repo } = repository.parse(json)
  return { kind: 'repository', dir: resolve(folder, repo), base, head }
}
