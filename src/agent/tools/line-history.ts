import { z } from 'zod'
import { createTool, line, path, rangeOf, says } from './tool.ts'

const maxLines = 60

export const lineHistory = createTool({
  name: 'line_history',
  description: `Tells which commits last changed lines of a file, with their messages. At most ${maxLines} lines at once.`,
  parameters: z.object({ path, first_line: line, last_line: line }),
  async answer({ first_line, last_line, path: file }, { codebase }, signal) {
    if (!codebase.history) return says('The history of this repository cannot be read.')
    const commits = await codebase.history(file, rangeOf(first_line, last_line, maxLines), signal)
    if (commits.length === 0) return says(`Nothing is known of these lines of ${file}.`)
    const rows = commits.map(
      ({ date, lines, sha, subject }) =>
        `${sha.slice(0, 10)} ${date.slice(0, 10)} ${subject} (lines ${lines.join(', ')})`,
    )
    return rows.map((text) => ({ text }))
  },
})
