// Real Redis and real Postgres for every run of the tests: the ones named by REDIS_URL and DATABASE_URL, else private ones
// that live as long as the run. Never skips: where one cannot be had, the run fails and says what to install.
import { Redis } from 'ioredis'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startPostgres, postgresVersion } from './servers/postgres.ts'
import { startRedis } from './servers/redis.ts'

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string
    databaseUrl: string
    /** `Redis 7.0.15, PostgreSQL 15.18` */
    servers: string
  }
}

interface Service {
  url: string
  version: string
  stop(): Promise<void>
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const redis = await redisService()
  const postgres = await postgresService().catch(async (error: unknown) => {
    await redis.stop()
    throw error
  })
  project.provide('redisUrl', redis.url)
  project.provide('databaseUrl', postgres.url)
  project.provide('servers', `Redis ${redis.version}, PostgreSQL ${postgres.version}`)
  return async () => {
    await Promise.all([redis.stop(), postgres.stop()])
  }
}

async function redisService(): Promise<Service> {
  const given = process.env['REDIS_URL']
  if (given) return { url: given, version: await redisVersion(given), stop: () => Promise.resolve() }
  const own = await startRedis()
  return { url: own.url, version: await redisVersion(own.url), stop: own.stop }
}

async function redisVersion(url: string): Promise<string> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2000 })
  let reason: unknown
  client.on('error', (error) => (reason = error))
  try {
    await client.connect()
    return /(?:valkey|redis)_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'unknown'
  } catch (cause) {
    throw new Error(`Redis (REDIS_URL) does not answer: ${String(reason ?? cause)}`, { cause })
  } finally {
    client.disconnect()
  }
}

async function postgresService(): Promise<Service> {
  const given = process.env['DATABASE_URL']
  if (!given) {
    const own = await startPostgres()
    return { url: own.url, version: await postgresVersion(own.url), stop: own.stop }
  }
  const version = await postgresVersion(given).catch((cause: unknown) => {
    throw new Error(`Postgres (DATABASE_URL) does not answer: ${String(cause)}`, { cause })
  })
  await refuseWithoutCreateDatabase(given)
  return { url: given, version, stop: () => Promise.resolve() }
}

/** Each test file gets a database of its own, so the user must be able to create them. */
async function refuseWithoutCreateDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ user: string; able: boolean }>(
      'select rolname as user, rolcreatedb or rolsuper as able from pg_roles where rolname = current_user',
    )
    if (rows[0]?.able) return
    const user = rows[0]?.user ?? 'whom DATABASE_URL names'
    throw new Error(
      `Each test file makes a database of its own, and the user ${user} may not: alter role "${user}" createdb`,
    )
  } finally {
    await client.end()
  }
}
