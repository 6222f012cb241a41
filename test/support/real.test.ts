import { Redis } from 'ioredis'
import pg from 'pg'
import { expect, test } from 'vitest'
import { startRedis, testDatabaseUrl, testRedis } from './real.ts'

test('a test database is fresh and empty', async () => {
  const client = new pg.Client({ connectionString: await testDatabaseUrl() })
  await client.connect()

  const { rows } = await client.query("select 1 from pg_tables where schemaname = 'public'")

  expect(rows).toEqual([])
  await client.end()
})

test('the shared Redis answers, and a private one comes back after kill -9', async () => {
  const shared = new Redis(testRedis().url)
  const own = await startRedis()

  await own.restart()

  const client = new Redis(own.url)
  expect(await Promise.all([shared.ping(), client.ping()])).toEqual(['PONG', 'PONG'])
  shared.disconnect()
  client.disconnect()
  await own.stop()
})
