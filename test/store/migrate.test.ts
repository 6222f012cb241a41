import { readFile } from 'node:fs/promises'
import { afterAll, expect, test, vi } from 'vitest'
import { UserError } from '../../src/review/errors.ts'
import { reviewId } from '../../src/review/ids.ts'
import { type OpenDatabase, openPostgres } from '../../src/store/database.ts'
import { migrate, pendingMigrations, readMigrations } from '../../src/store/migrate.ts'
import { createReviews } from '../../src/store/reviews.ts'
import { createKeptLog } from '../support/log.ts'
import { testDatabaseUrl } from '../support/real.ts'

const opened: OpenDatabase[] = []
afterAll(async () => {
  for (const db of opened) await db.close()
})

function open(url: string): OpenDatabase {
  const db = openPostgres({ url, max: 2, statementTimeoutMs: 20_000, log: createKeptLog() })
  opened.push(db)
  return db
}

const names = (await readMigrations()).map((one) => one.name)

test('an applied file that was changed since is refused by name', async () => {
  const db = open(await testDatabaseUrl())
  const first = { name: '0001_first.sql', sql: 'create table first (id int);' }
  await migrate(db, [first])

  const again = migrate(db, [{ ...first, sql: 'create table first (id bigint);' }])

  await expect(again).rejects.toThrow(UserError)
  await expect(again).rejects.toThrow('0001_first.sql was changed')
})

test('a migration that fails leaves nothing of itself nor of those before it', async () => {
  const db = open(await testDatabaseUrl())
  const broken = [
    { name: '0001_first.sql', sql: 'create table first (id int);' },
    { name: '0002_second.sql', sql: 'create table second (id int); select * from nowhere;' },
  ]

  await expect(migrate(db, broken)).rejects.toThrow('nowhere')

  expect(await pendingMigrations(db, broken)).toEqual(['0001_first.sql', '0002_second.sql'])
  expect(await db.query(`select to_regclass('first') as first`)).toEqual([{ first: null }])
})

test('beside a worker that has a row and wants to change it, migrations wait, and neither is the victim of a deadlock', async () => {
  const db = open(await testDatabaseUrl())
  const first = {
    name: '0001_first.sql',
    sql: 'create table reviews (id int, status text); insert into reviews values (1);',
  }
  const changes = [
    { name: '0002_index.sql', sql: 'create index on reviews (status);' },
    { name: '0003_column.sql', sql: 'alter table reviews add column more int;' },
  ]
  await migrate(db, [first])
  let migrated: Promise<string[]> | undefined

  const worker = db.transaction(async (tx) => {
    await tx.query('select from reviews where id = 1 for update')
    migrated = migrate(db, [first, ...changes])
    await vi.waitFor(async () =>
      expect(await tx.query(`select from pg_locks where not granted and relation = 'reviews'::regclass`)).toHaveLength(
        1,
      ),
    )
    await tx.query(`update reviews set status = 'running' where id = 1`)
  })

  await expect(worker).resolves.toBeUndefined()
  await expect(migrated).resolves.toEqual(['0002_index.sql', '0003_column.sql'])
})

test('a role that may not create tables is told the command', async () => {
  const url = new URL(await testDatabaseUrl())
  await open(url.href).query('revoke create on schema public from public')
  // Postgres's own role for monitoring: it may connect and read, nothing more.
  url.searchParams.set('options', '-c role=pg_monitor')

  const refused = migrate(open(url.href))

  await expect(refused).rejects.toThrow(UserError)
  await expect(refused).rejects.toThrow('npm run plumbline -- migrate')
})

test('a role that may not create tables is welcome when nothing is pending', async () => {
  const url = new URL(await testDatabaseUrl())
  const db = open(url.href)
  await migrate(db)
  await db.query('revoke create on schema public from public; grant select on schema_migrations to pg_monitor')
  url.searchParams.set('options', '-c role=pg_monitor')

  const applied = await migrate(open(url.href))

  expect(applied).toEqual([])
})

test('line ends that git changed are no change', async () => {
  const db = open(await testDatabaseUrl())
  const first = { name: '0001_first.sql', sql: 'create table first (\n  id int\n);\n' }
  await migrate(db, [first])

  const pending = await pendingMigrations(db, [{ ...first, sql: first.sql.replaceAll('\n', '\r\n') }])

  expect(pending).toEqual([])
})

test('a fresh database gets every migration once, in the order of the names', async () => {
  const db = open(await testDatabaseUrl())

  const applied = await migrate(db)
  const again = await migrate(db)

  expect(applied).toEqual(names)
  expect(again).toEqual([])
  expect(await pendingMigrations(db)).toEqual([])
})

test('many processes that start at once apply each migration once', async () => {
  const url = await testDatabaseUrl()

  const applied = await Promise.all(Array.from({ length: 6 }, () => migrate(open(url))))

  expect(applied.flat()).toEqual(names)
})

test('rows written under each migration survive all later ones', async () => {
  const db = open(await testDatabaseUrl())
  const migrations = await readMigrations()

  for (const [index, { name }] of migrations.entries()) {
    await migrate(db, migrations.slice(0, index + 1))
    await db.query(await readFile(new URL(`./migrations/${name}`, import.meta.url), 'utf8'))
  }

  const [row] = await db.query<{ id: string }>('select id::text as id from reviews')
  const detail = await createReviews(db).readReview(reviewId(row?.id ?? ''))
  expect(detail).toMatchObject({
    review: { status: 'published', githubReviewId: 900, findings: 1, leftOut: [{ path: 'big.json' }] },
    findings: [
      { title: 'The total overflows', placement: { kind: 'body' }, verification: null },
      { placement: { kind: 'held-back' }, verification: { verdict: 'refuted', evidence: [{ path: 'src/pay.ts' }] } },
    ],
    spans: [{ key: 'examine', tokens: { input: 100, output: 20, cached: 0 }, costUsd: 0.0125 }],
  })
})
