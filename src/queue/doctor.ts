import type { Redis } from 'ioredis'
import type { Diagnosis } from '../doctor.ts'
import { createBlockingClient, refuseUnfitRedis } from './redis-connection.ts'

const about = 'Redis'

/** Whether this Redis or Valkey can hold the queue. Changes nothing. Never throws. */
export async function checkRedisFitness(url: string): Promise<Diagnosis[]> {
  const client = createBlockingClient(url, 0)
  try {
    await client.connect()
    const info = await client.info()
    return [await checkServer(client, info), checkPersistence(info)]
  } catch (error) {
    const refused = error instanceof Error && /WRONGPASS|NOAUTH|NOPERM/.test(error.message)
    const fix = refused
      ? 'Correct the user and the password in REDIS_URL, and let the user run INFO, scripts and stream commands.'
      : 'Start Redis, or correct host, port and scheme (rediss:// for TLS) in REDIS_URL.'
    return [{ about, mark: 'fail', sentence: 'It does not answer as it should.', fix }]
  } finally {
    client.disconnect()
  }
}

async function checkServer(client: Redis, info: string): Promise<Diagnosis> {
  try {
    await refuseUnfitRedis(client)
  } catch (error) {
    const [sentence = '', fix] = (error instanceof Error ? error.message : String(error)).split(/\. (?=Set )/)
    return { about, mark: 'fail', sentence: `${sentence}.`, fix: `${fix ?? 'Use another server for the queue'}.` }
  }
  const version = /^(?:valkey|redis)_version:(\S+)/m.exec(info)?.[1] ?? 'of unknown age'
  return { about, mark: 'ok', sentence: `Version ${version} answers, and keeps what it holds when its memory is full.` }
}

/** Without persistence nothing is lost: the queue is rebuilt from Postgres. It costs a look at every waiting review. */
function checkPersistence(info: string): Diagnosis {
  if (/^aof_enabled:1/m.test(info)) return { about, mark: 'ok', sentence: 'It keeps an append-only file.' }
  const sentence = 'It keeps no append-only file; after its restart the queue is rebuilt from Postgres.'
  return { about, mark: 'warn', sentence, fix: 'Set "appendonly yes" where you can.' }
}
