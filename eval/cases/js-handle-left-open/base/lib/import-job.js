import { readColumns } from './columns.js'

export async function prepareImport(path, queue) {
  const columns = await readColumns(path)
  if (columns.length < 2) return { ok: false, reason: 'The file has no columns.' }
  return { ok: true, job: await queue.add('import', { path, columns }) }
}
