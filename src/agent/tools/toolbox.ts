// The tools of one conversation: what is offered, and what a call answers.
//
// What must always hold: a call never fails the review, whatever the model wrote; its answer is short, and a step of the journal, so
// that a retry reads the same and pays nothing; it counts no line as opened that it does not show.
// Thrown on: the signal's reason, a lost lease, and a pause that GitHub asks for.
import type { Journal } from '../../jobs/ports.ts'
import type { Evidence } from '../../review/finding.ts'
import type { ToolCall, ToolOffer } from '../model.ts'
import { fileDiff } from './file-diff.ts'
import { lineHistory } from './line-history.ts'
import { listFolder } from './list-folder.ts'
import { joined } from './opened.ts'
import { readFile } from './read-file.ts'
import { search } from './search.ts'
import { findUses, outline } from './symbols.ts'
import { endsReview, type Library, type Row, says, type Tool } from './tool.ts'

export interface Toolbox {
  offers: readonly ToolOffer[]
  run(call: ToolCall, signal: AbortSignal): Promise<Shown>
}

/** What an answer shows, within `maxLength`. */
export interface Shown {
  text: string
  opened: Evidence[]
  /** Why there is no answer. For people. */
  failure?: string
}

export interface ToolboxOptions {
  library: Library
  journal: Journal
  /** Part of the steps' keys: what was read is only valid for it. */
  headSha: string
}

/** In UTF-16 units: about 3,000 tokens. */
const maxLength = 10_000
/** Of one row: a longer one is a bundle, or data. */
const maxRow = 2_000
/** What the model wrote is sent again in every round. */
const maxArguments = 1_000

export function createToolbox({ headSha, journal, library }: ToolboxOptions): Toolbox {
  const searches = library.codebase.search ? [search, findUses] : []
  const histories = library.codebase.history ? [lineHistory] : []
  const tools = new Map<string, Tool>(
    [readFile, ...searches, outline, listFolder, fileDiff, ...histories].map((tool) => [tool.offer.name, tool]),
  )
  const names = [...tools.keys()].join(', ')
  return {
    offers: [...tools.values()].map((tool) => tool.offer),
    async run(call, signal) {
      const tool = tools.get(call.name)
      if (!tool) return show(says(`There is no tool of this name. There are: ${names}.`))
      const given = parseArguments(call.arguments)
      if (!given) return show(says(`The arguments are no JSON object of at most ${maxArguments} characters.`))
      return journal.step(`tool:${call.name}:${headSha}`, given, async () => {
        try {
          return { output: show(await tool.run(given, library, signal)) }
        } catch (error) {
          if (endsReview(error, signal)) throw error
          // Kept as the answer: on a retry it must be the same, or all rounds after it would be paid again.
          return { output: { ...show(says('This could not be answered.')), failure: String(error) } }
        }
      })
    },
  }
}

/** `undefined`: no JSON object, or too long a one. */
export function parseArguments(text: string): object | undefined {
  if (text.length > maxArguments) return undefined
  try {
    const value: unknown = JSON.parse(text.trim() || '{}')
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** What is cut off was not opened, and a row that is cut was not either. */
export function show(rows: readonly Row[]): Shown {
  const texts: string[] = []
  const opened: Evidence[] = []
  let free = maxLength
  for (const { shows, text } of rows) {
    const row = text.length > maxRow ? `${text.slice(0, maxRow).toWellFormed()} [cut]` : text
    if (row.length > free) break
    free -= row.length + 1
    texts.push(row)
    if (shows && row === text) opened.push(shows)
  }
  const lost = rows.length - texts.length
  if (lost > 0) texts.push(`(cut: ${lost} more lines; ask for less, or for the next lines)`)
  return { text: texts.join('\n'), opened: joined(opened) }
}
