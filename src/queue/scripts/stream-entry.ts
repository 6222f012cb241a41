// An entry as Redis gives it, and as the scripts are told of it.
import type { Redis } from 'ioredis'
import { type Entry, isJobId, type Lease } from '../queue.ts'

/** Id and fields: name, value, name, value. */
export type RawEntry = [id: string, fields: string[] | null]

/** Of XREADGROUP, of one stream. */
export function toEntries(reply: Awaited<ReturnType<Redis['xreadgroup']>>): Entry[] {
  return (reply?.[0]?.[1] ?? []).map(toEntry)
}

/** One that names no job says what it holds instead. */
export function toEntry([id, fields]: RawEntry): Entry {
  const jobId = fields?.find((_, index) => index % 2 === 1 && fields[index - 1] === 'job')
  if (jobId !== undefined && isJobId(jobId)) return { id, jobId, raw: '' }
  return { id, jobId: undefined, raw: JSON.stringify(fields).slice(0, 2000) }
}

/** As the scripts compare them: '' before an epoch is recorded. */
export function idAndEpoch(item: Entry | Lease): [string, string] {
  return 'entry' in item ? [item.entry.id, String(item.epoch)] : [item.id, '']
}
