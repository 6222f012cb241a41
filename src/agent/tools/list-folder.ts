import { z } from 'zod'
import { showPath } from '../shown-file.ts'
import { createTool, path, says } from './tool.ts'

const maxEntries = 200

export const listFolder = createTool({
  name: 'list_folder',
  description: 'Lists what is in a folder after the change; "" is the root.',
  parameters: z.object({ folder: path }),
  async answer({ folder }, { codebase }, signal) {
    const entries = await codebase.list(folder.replace(/\/+$/, ''), signal)
    if (entries.length === 0) return says(`There is no folder ${folder}.`)
    const more = entries.length - maxEntries
    const shown = [...entries.slice(0, maxEntries).map(showPath), ...(more > 0 ? [`(and ${more} more)`] : [])]
    return shown.map((text) => ({ text }))
  },
})
