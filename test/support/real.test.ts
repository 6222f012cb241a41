import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { privatePostgres, privateRedis, testDatabaseUrl, testRedis } from './real.ts'

/** One answer over a connection of its own. */
async function ask(connectionString: string, question: string): Promise<unknown> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<{ answer: unknown }>(question)).rows[0]?.answer
  } finally {
    await client.end()
  }
}

async function pingRedis(url: string): Promise<string> {
  const client = new Redis(url)
  try {
    return await client.ping()
  } finally {
    client.disconnect()
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

test('a private server dies with the process that started it, even by kill -9', async () => {
  const script = `import('./test/support/servers/redis.ts').then((m) => m.startRedis()).then((r) => console.log(r.port))`
  const owner = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = await once(createInterface({ input: owner.stdout }), 'line')
  const atFirst = await isListening(Number(port))

  owner.kill('SIGKILL')

  expect(atFirst).toBe(true)
  await vi.waitFor(async () => expect(await isListening(Number(port))).toBe(false), 5000)
})

test('a private Redis is killed and comes back on the same port', async () => {
  const redis = await privateRedis()
  const killed = redis.pid

  await redis.kill9()
  await redis.restart()

  expect(redis.pid).not.toBe(killed)
  expect(await pingRedis(redis.url)).toBe('PONG')
})

test('a private Postgres is killed and comes back with what was committed', async () => {
  const postgres = await privatePostgres()
  await ask(postgres.url, 'create table kept as select 7 as answer')

  await postgres.kill9()
  await postgres.restart()

  expect(await ask(postgres.url, 'select answer from kept')).toBe(7)
})

test('each test database is fresh, empty and its own', async () => {
  const [one, other] = await Promise.all([testDatabaseUrl(), testDatabaseUrl()])

  const tables = await ask(one, "select count(*)::int as answer from pg_tables where schemaname = 'public'")

  expect(one).not.toBe(other)
  expect(tables).toBe(0)
})

test('the shared Redis answers, and no two queue names are the same', async () => {
  const [one, other] = [testRedis(), testRedis()]

  const answer = await pingRedis(one.url)

  expect(answer).toBe('PONG')
  expect(one.prefix).not.toBe(other.prefix)
})
