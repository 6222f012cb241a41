import { afterAll, expect, test, vi } from 'vitest'
import { openPostgres } from '../../src/store/database.ts'
import { createKeptLog } from '../support/log.ts'
import { testDatabaseUrl } from '../support/real.ts'

const url = await testDatabaseUrl()
const log = createKeptLog()
const db = openPostgres({ url, max: 3, statementTimeoutMs: 5_000, log })
await db.query('create table notes (id bigint generated always as identity, text text, at timestamptz default now())')
afterAll(() => db.close())

const pid = 'select pg_backend_pid() as pid'

test('a database that is not there is an error within two seconds, and not a crash', async () => {
  const absent = openPostgres({ url: 'postgres://127.0.0.1:1/none', max: 1, statementTimeoutMs: 1_000, log })

  const asked = absent.query('select 1')

  await expect(asked).rejects.toThrow(/ECONNREFUSED/)
  await absent.close()
})

test('a transaction whose function throws leaves nothing behind, and throws the same', async () => {
  const broken = db.transaction(async (tx) => {
    await tx.query('insert into notes (text) values ($1)', ['half'])
    throw new Error('no')
  })

  await expect(broken).rejects.toThrow('no')
  expect(await db.query('select 1 from notes where text = $1', ['half'])).toEqual([])
})

test('a transaction that swallowed an error of Postgres is not taken for committed', async () => {
  const swallowed = db.transaction(async (tx) => {
    await tx.query('insert into notes (text) values ($1)', ['lost'])
    await tx.query('select * from nowhere').catch(() => undefined)
  })

  await expect(swallowed).rejects.toThrow('ROLLBACK instead of COMMIT')
})

test('an idle connection that the server ends is logged and replaced', async () => {
  const idle = openPostgres({ url, max: 1, statementTimeoutMs: 5_000, log })
  const [first] = await idle.query<{ pid: number }>(pid)

  await db.query('select pg_terminate_backend($1)', [first?.pid])

  await vi.waitFor(() => expect(log.lines.map((line) => line.text)).toContain('an idle Postgres connection broke'))
  expect(await idle.query('select 1 as one')).toEqual([{ one: 1 }])
  await idle.close()
})

test('a connection that the server ends inside a transaction rejects it and is not used again', async () => {
  const alone = openPostgres({ url, max: 1, statementTimeoutMs: 5_000, log })

  const killed = alone.transaction(async (tx) => {
    const [mine] = await tx.query<{ pid: number }>(pid)
    await db.query('select pg_terminate_backend($1)', [mine?.pid])
    await tx.query('select 1')
  })

  // Whether the driver hears of the end before it is asked, or while, is a matter of microseconds.
  await expect(killed).rejects.toThrow(/terminat|connection error/)
  expect(await alone.query('select 1 as one')).toEqual([{ one: 1 }])
  await alone.close()
})

test('a statement that takes too long is given up, and the next one has a sound connection', async () => {
  const hasty = openPostgres({ url, max: 1, statementTimeoutMs: 50, log })

  const slow = hasty.query('select pg_sleep(20)')

  await expect(slow).rejects.toThrow(/timeout/i)
  await vi.waitFor(async () => expect(await hasty.query('select 1 as one')).toEqual([{ one: 1 }]))
  await hasty.close()
})

test('transactions side by side do not see each other before they commit', async () => {
  const written = Promise.withResolvers<void>()
  const looked = Promise.withResolvers<void>()
  const writing = db.transaction(async (tx) => {
    await tx.query('insert into notes (text) values ($1)', ['side'])
    written.resolve()
    await looked.promise
  })
  await written.promise

  const seen = await db.query('select 1 from notes where text = $1', ['side'])
  looked.resolve()
  await writing

  expect(seen).toEqual([])
  expect(await db.query('select 1 as one from notes where text = $1', ['side'])).toEqual([{ one: 1 }])
})

test('values come back as every driver has to give them', async () => {
  const [row] = await db.query(
    `select 9007199254740991::bigint::text as id, 5000000001::bigint::float8 as number, count(*)::int as count,
       '{"a": 1}'::json as json, '2026-01-01T00:00:00Z'::timestamptz as at, $1::text as nul from notes where false`,
    ['a\0b'],
  )

  expect(row).toEqual({
    id: '9007199254740991',
    number: 5_000_000_001,
    count: 0,
    json: { a: 1 },
    at: new Date('2026-01-01T00:00:00Z'),
    nul: 'a\uFFFDb',
  })
})

test('several statements without parameters run as one call', async () => {
  const answered = await db.query('create table one (id int); create table two (id int);')

  expect(answered).toEqual([])
  expect(await db.query(`select to_regclass('two') is not null as there`)).toEqual([{ there: true }])
})
