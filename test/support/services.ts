// Real Redis and real Postgres for every run of the tests: the ones named by REDIS_URL and DATABASE_URL, else private ones
// that live as long as the run. Never skips: where neither can be had, the run fails and says what to install.
import type { TestProject } from 'vitest/node'
import { startPostgres, postgresVersion } from './servers/postgres.ts'
import { ping, startRedis } from './servers/redis.ts'

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string
    databaseUrl: string
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const given = { redis: process.env['REDIS_URL'], postgres: process.env['DATABASE_URL'] }
  const [redis, postgres] = await Promise.all([
    given.redis ? undefined : startRedis(),
    given.postgres ? undefined : startPostgres(),
  ])
  const redisUrl = given.redis ?? redis!.url
  const databaseUrl = given.postgres ?? postgres!.url
  const versions = await Promise.all([
    ping(Number(new URL(redisUrl).port || 6379), new URL(redisUrl).hostname),
    postgresVersion(databaseUrl),
  ])
  console.log(
    `Redis ${versions[0]} (${redis ? 'private' : 'REDIS_URL'}), PostgreSQL ${versions[1]} (${postgres ? 'private' : 'DATABASE_URL'})`,
  )
  project.provide('redisUrl', redisUrl)
  project.provide('databaseUrl', databaseUrl)
  return async () => {
    await Promise.all([redis?.stop(), postgres?.stop()])
  }
}
