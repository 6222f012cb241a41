// Brings the schema forward. Files are applied in the order of their names, each once, and never change afterwards.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { UserError } from '../review/errors.ts'
import type { Database, Queryable } from './database.ts'

export interface Migration {
  /** The file's name, for example `0001_reviews.sql`. */
  name: string
  sql: string
}

/** Any number that nobody else uses for an advisory lock in this database. */
const lockKey = 704_251_118

/** Postgres's code for "the role may not do that". https://www.postgresql.org/docs/14/errcodes-appendix.html */
const insufficientPrivilege = '42501'

/** The project's own migrations, oldest first. */
export async function readMigrations(): Promise<Migration[]> {
  const folder = new URL('./migrations/', import.meta.url)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  return Promise.all(names.map(async (name) => ({ name, sql: await readFile(new URL(name, folder), 'utf8') })))
}

/** Names of what is not applied yet. Reads only. Throws `UserError` when an applied file was changed since. */
export async function pendingMigrations(db: Queryable, migrations?: Migration[]): Promise<string[]> {
  const [table] = await db.query<{ there: boolean }>(`select to_regclass('schema_migrations') is not null as there`)
  const applied = table?.there
    ? await db.query<{ name: string; checksum: string }>('select name, checksum from schema_migrations')
    : []
  const checksums = new Map(applied.map((one) => [one.name, one.checksum]))
  const pending: string[] = []
  for (const migration of migrations ?? (await readMigrations())) {
    const checksum = checksums.get(migration.name)
    if (checksum === undefined) pending.push(migration.name)
    else if (checksum !== checksumOf(migration)) throw changed(migration.name)
  }
  return pending
}

/**
 * Applies what is pending in one transaction, under a lock that ends with it, and answers the names. Needs no right to
 * create anything when nothing is pending. Throws `UserError` naming the command when the role may not create tables.
 */
export async function migrate(db: Database, migrations?: Migration[]): Promise<string[]> {
  const all = migrations ?? (await readMigrations())
  if ((await pendingMigrations(db, all)).length === 0) return []
  try {
    return await db.transaction((tx) => applyPending(tx, all))
  } catch (error) {
    throw isRefusal(error) ? mayNotMigrate(error) : error
  }
}

async function applyPending(tx: Queryable, migrations: Migration[]): Promise<string[]> {
  // Whoever waited here finds nothing pending any more: it is looked at again under the lock.
  await tx.query('select pg_advisory_xact_lock($1)', [lockKey])
  await tx.query(`create table if not exists schema_migrations (
    name text primary key, checksum text not null, applied_at timestamptz not null default now())`)
  const pending = new Set(await pendingMigrations(tx, migrations))
  // A worker of the version before holds its lock on a row while it asks for more: it waits for all of ours, or we for its.
  const [known] = await tx.query(`select from pg_class where oid = to_regclass('reviews')`)
  if (pending.size > 0 && known) await tx.query('lock table reviews in access exclusive mode')
  for (const migration of migrations) {
    if (!pending.has(migration.name)) continue
    await tx.query(migration.sql)
    await tx.query('insert into schema_migrations (name, checksum) values ($1, $2)', [
      migration.name,
      checksumOf(migration),
    ])
  }
  return [...pending]
}

/** Line ends do not count: git may have changed them at checkout. */
function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql.replaceAll('\r\n', '\n')).digest('hex')
}

function changed(name: string): UserError {
  return new UserError(
    `The migration ${name} was changed after it was applied to this database. Restore the file, and put the change into a new one.`,
  )
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === insufficientPrivilege
}

function mayNotMigrate(cause: unknown): UserError {
  const command = 'npm run plumbline -- migrate'
  return new UserError(
    `The database needs migrations, and this role may not create tables. Run "${command}" with a DATABASE_URL whose role may.`,
    { cause },
  )
}
