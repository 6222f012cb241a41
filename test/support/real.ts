// What a test asks for when it needs real servers. Importing this file counts the tests of that file as run against them.
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeEach, inject } from 'vitest'
import { type PrivatePostgres, startPostgres } from './servers/postgres.ts'
import { type PrivateRedis, type RedisOptions, startRedis } from './servers/redis.ts'

export { type PrivatePostgres, startPostgres } from './servers/postgres.ts'
export { type PrivateRedis, startRedis } from './servers/redis.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** Ran against a real Redis or Postgres. */
    real?: boolean
  }
}

beforeEach(({ task }) => {
  task.meta.real = true
})

const databases: string[] = []
const servers: { stop(): Promise<void> }[] = []

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()))
  for (const name of databases) await run(inject('databaseUrl'), `drop database if exists ${name} with (force)`)
})

/** The connection string of a fresh, empty database. It is dropped when the test file ends. */
export async function testDatabaseUrl(): Promise<string> {
  const server = inject('databaseUrl')
  const name = `plumbline_test_${randomBytes(6).toString('hex')}`
  await run(server, `create database ${name}`)
  databases.push(name)
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/** The shared Redis, and a queue name that nobody else uses. */
export function testRedis(): { url: string; prefix: string } {
  return { url: inject('redisUrl'), prefix: `q-${randomBytes(6).toString('hex')}` }
}

/** A Redis of its own, to kill or to flush. It is stopped when the test file ends, if not before. */
export async function privateRedis(options?: RedisOptions): Promise<PrivateRedis> {
  const redis = await startRedis(options)
  servers.push(redis)
  return redis
}

/** A Postgres of its own, to kill or to restart. It is stopped when the test file ends, if not before. */
export async function privatePostgres(): Promise<PrivatePostgres> {
  const postgres = await startPostgres()
  servers.push(postgres)
  return postgres
}

async function run(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
