import { z } from 'zod'
import { showPath } from '../shown-file.ts'
import { lineShown } from './opened.ts'
import { createTool, line, linesOf, numbered, path, rangeOf, says } from './tool.ts'

/** A screen or four; whoever needs more asks again. */
const maxLines = 250

export const readFile = createTool({
  name: 'read_file',
  description: `Reads lines of a file as it is after the change ("head", the default) or before it ("base"). At most ${maxLines} lines at once.`,
  parameters: z.object({ path, first_line: line, last_line: line, at: z.enum(['head', 'base']).nullish() }),
  async answer({ at, first_line, last_line, path: file }, { codebase }, signal) {
    const revision = at ?? 'head'
    const text = await codebase.readFile(file, revision, signal)
    if (text === undefined) return says(`There is no text file ${file} at the ${revision}.`)
    const lines = linesOf(text)
    const { first, last } = rangeOf(first_line, last_line, maxLines)
    const shown = lines.slice(first - 1, last)
    if (shown.length === 0) return says(`${file} has only ${lines.length} lines.`)
    const end = first + shown.length - 1
    const head = `=== ${showPath(file)}, lines ${first} to ${end} of ${lines.length}${revision === 'base' ? ', before the change' : ''}`
    const rows = numbered(shown, first).map((row) => ({
      text: row,
      shows: revision === 'head' ? lineShown(file, row) : undefined,
    }))
    return [{ text: head }, ...rows]
  },
})
