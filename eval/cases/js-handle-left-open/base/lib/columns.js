import { open } from 'node:fs/promises'

const maxHeaderLength = 4096

/** Reads the first line of a CSV file and answers the names of its columns. */
export async function readColumns(path) {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxHeaderLength), 0, maxHeaderLength, 0)
    const [header = ''] = buffer.toString('utf8', 0, bytesRead).split('\n', 1)
    return header.trim().split(',')
  } finally {
    await file.close()
  }
}
