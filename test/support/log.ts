import type { Log } from '../../src/jobs/ports.ts'

export interface KeptLog extends Log {
  readonly lines: { level: string; text: string; fields: object }[]
}

/** A log that keeps its lines. */
export function createKeptLog(): KeptLog {
  const lines: KeptLog['lines'] = []
  const keep = (level: string) => (fields: object, text: string) => void lines.push({ level, text, fields })
  return { lines, info: keep('info'), warn: keep('warn'), error: keep('error') }
}
