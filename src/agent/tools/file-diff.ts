import { z } from 'zod'
import { textOfFile } from '../shown-file.ts'
import { lineShown } from './opened.ts'
import { createTool, path, says } from './tool.ts'

export const fileDiff = createTool({
  name: 'file_diff',
  description: 'Shows what this change does to another file than those that you were shown.',
  parameters: z.object({ path }),
  async answer({ path: file }, { files }) {
    const found = files.find((one) => one.path === file)
    if (!found) return says(`This change does not touch ${file}, or its diff cannot be shown.`)
    return textOfFile(found)
      .split('\n')
      .map((text) => ({ text, shows: lineShown(file, text) }))
  },
})
