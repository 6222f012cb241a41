import type { Diagnosis } from '../doctor.ts'
import { openPostgres, type OpenDatabase } from './database.ts'
import { pendingMigrations } from './migrate.ts'

/** Whether this Postgres can hold the record. Reads only. Never throws. */
export async function checkPostgres(url: string): Promise<Diagnosis[]> {
  const db = openPostgres({ url, max: 1, statementTimeoutMs: 5000, log: { warn: () => undefined } })
  try {
    return [await checkServer(db), await checkMigrations(db)]
  } catch (error) {
    return [{ about: 'Postgres', mark: 'fail', sentence: 'It does not answer as it should.', fix: fixFor(error) }]
  } finally {
    await db.close()
  }
}

const about = 'Postgres'
/** As the README says. */
const oldest = 14

async function checkServer(db: OpenDatabase): Promise<Diagnosis> {
  const [server] = await db.query<{ version: number; mode: string }>(
    `select current_setting('server_version_num')::int as version, current_setting('transaction_read_only') as mode`,
  )
  const major = Math.floor((server?.version ?? 0) / 10_000)
  const fix = 'Name the primary in DATABASE_URL.'
  if (server?.mode === 'on') return { about, mark: 'fail', sentence: 'It is read-only: nothing is recorded.', fix }
  if (major >= oldest) return { about, mark: 'ok', sentence: `Version ${major} answers.` }
  return { about, mark: 'fail', sentence: `Version ${major} is too old.`, fix: `Use Postgres ${oldest} or newer.` }
}

async function checkMigrations(db: OpenDatabase): Promise<Diagnosis> {
  const pending = await pendingMigrations(db)
  if (pending.length === 0) return { about, mark: 'ok', sentence: 'All migrations are applied.' }
  const [role] = await db.query<{ may: boolean }>(
    `select coalesce(has_schema_privilege(current_user, current_schema(), 'create'), false) as may`,
  )
  if (role?.may) {
    const sentence = `${pending.length} migrations are pending; the next start applies them.`
    return { about, mark: 'ok', sentence }
  }
  const fix = 'Run "npm run plumbline -- migrate" with a DATABASE_URL whose role may.'
  return { about, mark: 'fail', sentence: 'Migrations are pending, and this role may not create tables.', fix }
}

/** Node's names for what went wrong on the way, and Postgres's own: https://www.postgresql.org/docs/14/errcodes-appendix.html */
function fixFor(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === '28P01' || code === '28000') return 'Correct the user and the password in DATABASE_URL.'
  if (code === '3D000') return 'Create the database that DATABASE_URL names.'
  if (code === 'ENOTFOUND') return 'Correct the host in DATABASE_URL: nobody knows its name.'
  if (code === 'ECONNREFUSED') return 'Start Postgres, or correct host and port in DATABASE_URL.'
  if (error instanceof Error && error.name === 'UserError') return error.message
  return `Look at DATABASE_URL and at the server's log${code === '' ? '' : ` (${code})`}.`
}
