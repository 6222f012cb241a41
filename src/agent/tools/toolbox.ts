// The tools of one conversation: what is offered, and what a call answers.
//
// What must always hold: a call never fails the review, whatever the model wrote; its answer is data inside a fence, short, and
// a step of the journal, so that a retry reads the same and pays nothing; what it showed is remembered as opened.
// Thrown on: the signal's reason, a lost lease, and a pause that GitHub asks for.
import type { Journal } from '../../jobs/ports.ts'
import { LostLeaseError, ParkedError } from '../../review/errors.ts'
import { fenced, fenceFor } from '../fence.ts'
import type { ModelMessage, ToolCall, ToolOffer } from '../model.ts'
import { fileDiff } from './file-diff.ts'
import { lineHistory } from './line-history.ts'
import { listFolder } from './list-folder.ts'
import type { Opened } from './opened.ts'
import { readFile } from './read-file.ts'
import { search } from './search.ts'
import { findUses, outline } from './symbols.ts'
import { type Library, says, type Tool, type ToolAnswer } from './tool.ts'

export interface Toolbox {
  offers: readonly ToolOffer[]
  /** One message for each call, in their order. */
  answer(calls: readonly ToolCall[], opened: Opened, signal: AbortSignal): Promise<ModelMessage[]>
}

export interface ToolboxOptions {
  library: Library
  journal: Journal
  /** Part of the steps' keys: what was read is only valid for it. */
  headSha: string
}

/** Of one turn: a model that asks for more has lost its way. */
const maxCalls = 12
/** In UTF-16 units: about 3,000 tokens. */
const maxLength = 10_000

export function createToolbox({ headSha, journal, library }: ToolboxOptions): Toolbox {
  const searches = library.codebase.search ? [search, findUses] : []
  const histories = library.codebase.history ? [lineHistory] : []
  const tools = new Map<string, Tool>(
    [readFile, ...searches, outline, listFolder, fileDiff, ...histories].map((tool) => [tool.offer.name, tool]),
  )
  const names = [...tools.keys()].join(', ')

  async function run({ arguments: written, name }: ToolCall, signal: AbortSignal): Promise<ToolAnswer> {
    const tool = tools.get(name)
    if (!tool) return says(`There is no tool ${JSON.stringify(name.slice(0, 60))}. There are: ${names}.`)
    const given = parse(written)
    if (given === undefined) return says('The arguments are no JSON object.')
    try {
      return await journal.step(`tool:${name}:${headSha}`, given, async () => ({
        output: shortened(await tool.run(given, library, signal)),
      }))
    } catch (error) {
      if (signal.aborted || error instanceof LostLeaseError || error instanceof ParkedError) throw error
      // The failed step has the reason; the model does without the answer.
      return says('This could not be answered.')
    }
  }

  return {
    offers: [...tools.values()].map((tool) => tool.offer),
    async answer(calls, opened, signal) {
      const messages: ModelMessage[] = []
      for (const [index, call] of calls.entries()) {
        const answer = index < maxCalls ? await run(call, signal) : says(`At most ${maxCalls} calls at once.`)
        for (const lines of answer.opened) opened.add(lines)
        const content = fenced(fenceFor([answer.text]), call.name.replace(/\W/g, ''), answer.text)
        messages.push({ role: 'tool', callId: call.id, content })
      }
      return messages
    },
  }
}

function parse(written: string): object | undefined {
  try {
    const value: unknown = JSON.parse(written.trim() || '{}')
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** What was cut off was not opened. An answer shows either numbered lines, or one opened line in each row. */
function shortened(answer: ToolAnswer): ToolAnswer {
  if (answer.text.length <= maxLength) return answer
  const text = answer.text.slice(0, Math.max(0, answer.text.lastIndexOf('\n', maxLength))).toWellFormed()
  const rows = text.split('\n')
  const last = Number(/^(\d+) [ +-]/.exec(rows.at(-1) ?? '')?.[1])
  const opened = Number.isNaN(last)
    ? answer.opened.slice(0, rows.length)
    : answer.opened
        .filter(({ first }) => first <= last)
        .map((lines) => ({ ...lines, last: Math.min(lines.last, last) }))
  return { text: `${text}\n(cut: ${answer.text.split('\n').length - rows.length} more lines; ask for less)`, opened }
}
