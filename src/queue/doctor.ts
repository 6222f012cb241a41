import type { Diagnosis } from '../doctor.ts'
import { openBlockingClient, UnfitRedisError } from './redis-connection.ts'

const about = 'Redis'

/** Whether this Redis or Valkey can hold the queue. Changes nothing. Never throws. */
export async function checkRedisFitness(url: string): Promise<Diagnosis[]> {
  try {
    const client = await openBlockingClient(url, 0)
    const info = await client.info().finally(() => client.disconnect())
    const version = /^(?:valkey|redis)_version:(\S+)/m.exec(info)?.[1] ?? 'of unknown age'
    const sentence = `Version ${version} answers, and keeps what it holds when its memory is full.`
    return [{ about, mark: 'ok', sentence }, checkPersistence(info)]
  } catch (error) {
    return [failureOf(error)]
  }
}

function failureOf(error: unknown): Diagnosis {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof UnfitRedisError) {
    const [sentence = '', fix = 'Use another server for the queue.'] = message.split(/(?<=\.) (?=Set )/)
    return { about, mark: 'fail', sentence, fix }
  }
  const fix = /WRONGPASS|NOAUTH|NOPERM/.test(message)
    ? 'Correct the user and the password in REDIS_URL, and let the user run INFO, scripts and stream commands.'
    : 'Start Redis, or correct host, port and scheme (rediss:// for TLS) in REDIS_URL.'
  return { about, mark: 'fail', sentence: 'It does not answer as it should.', fix }
}

/** Without persistence nothing is lost: the queue is rebuilt from Postgres. It costs a look at every waiting review. */
function checkPersistence(info: string): Diagnosis {
  if (/^aof_enabled:1/m.test(info)) return { about, mark: 'ok', sentence: 'It keeps an append-only file.' }
  const sentence = 'It keeps no append-only file; after its restart the queue is rebuilt from Postgres.'
  return { about, mark: 'warn', sentence, fix: 'Set "appendonly yes" where you can.' }
}
