// The port to Postgres, and node-postgres behind it. Nothing above this file knows which driver runs.
//
// What must always hold: a transaction either commits or throws; a connection whose state is unknown is never used again;
// no connection that breaks takes the process with it.
import pg from 'pg'
import type { Log } from '../jobs/ports.ts'

export interface Queryable {
  /**
   * Rows as the driver reads them: `timestamptz` as `Date`, `json` parsed, `int4` and `float8` as numbers. Ask for
   * `bigint` as `::text` (ids) or `::float8` (GitHub's numbers, all below 2^53), so that every driver agrees.
   * NUL, which Postgres cannot store in text, is replaced in parameters. Without parameters, `text` may hold several
   * statements; then the answer is empty.
   */
  query<Row>(text: string, params?: readonly unknown[]): Promise<Row[]>
}

export interface Database extends Queryable {
  /** Commits what `fn` did, or rolls it back and throws what `fn` threw. Use `tx` inside, never the database itself. */
  transaction<T>(fn: (tx: Queryable) => Promise<T>): Promise<T>
}

export interface OpenDatabase extends Database {
  /** Waits for the statements under way. */
  close(): Promise<void>
}

export interface PostgresOptions {
  /** A connection string. */
  url: string
  /** Connections at most. */
  max: number
  /** How long a statement may take before its connection is given up. Also bounds a server that went silent. */
  statementTimeoutMs: number
  log: Pick<Log, 'warn'>
}

/** How long to wait for a connection. Below the two seconds in which a delivery is answered. */
const connectTimeoutMs = 1_500

/**
 * A paused process must not sit on a row's lock until it is resumed: the server ends its transaction. SET LOCAL and not a
 * setting of the connection, because a connection pooler such as PgBouncer refuses or leaks those.
 * https://www.postgresql.org/docs/14/runtime-config-client.html#GUC-IDLE-IN-TRANSACTION-SESSION-TIMEOUT
 */
const begin = "begin; set local idle_in_transaction_session_timeout = '10s'"

/** Does not connect yet. Every call throws within `connectTimeoutMs` when nothing answers at `url`. */
export function openPostgres(options: PostgresOptions): OpenDatabase {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: options.statementTimeoutMs,
    keepAlive: true,
  })
  // Both are needed: the pool listens only to idle clients, and an 'error' without a listener ends the process.
  pool.on('error', (error) => options.log.warn({ err: error }, 'an idle Postgres connection broke'))
  pool.on('connect', (client) => client.on('error', () => undefined))
  return {
    query: <Row>(text: string, params?: readonly unknown[]) => run<Row>(pool, text, params),
    transaction: (fn) => transact(pool, fn),
    close: () => pool.end(),
  }
}

async function transact<T>(pool: pg.Pool, fn: (tx: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query(begin)
    const result = await fn({ query: (text, params) => run(client, text, params) })
    const ended = await client.query('commit')
    // Postgres answers a commit of a failed transaction with ROLLBACK and no error.
    if (ended.command !== 'COMMIT') throw new Error(`the transaction ended with ${ended.command} instead of COMMIT`)
    return result
  } catch (error) {
    await client.query('rollback').catch((cause: Error) => (broken = cause))
    throw error
  } finally {
    client.release(broken)
  }
}

async function run<Row>(on: pg.Pool | pg.PoolClient, text: string, params?: readonly unknown[]): Promise<Row[]> {
  const result = params ? await on.query(text, params.map(withoutNul)) : await on.query(text)
  // The driver cannot know the shape: the SQL beside each call says it.
  return (result.rows ?? []) as Row[]
}

/** U+FFFD in place of NUL. JSON is not touched: there NUL is written as an escape, which the type `json` keeps. */
export function withoutNul(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value
}
