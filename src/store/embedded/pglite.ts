// The embedded default: Postgres in WebAssembly, in this process, with its files in a folder.
//
// What must always hold: one process on a folder. PGlite itself lets a second one in, and both silently lose what they wrote.
// Its one session runs one transaction after the other, so nothing may hold a session's lock or LISTEN.
import { PGlite, type Results, type Transaction, types } from '@electric-sql/pglite'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type OpenDatabase, type Queryable, withoutNul } from '../database.ts'
import { lockFolder } from './folder-lock.ts'

/** As node-postgres reads them. */
const parsers = { [types.INT8]: (text: string) => text }

/** Creates the folder when it is not there. Throws a sentence that names the process which has it open already. */
export async function openPglite(dataDir: string): Promise<OpenDatabase> {
  mkdirSync(dataDir, { recursive: true })
  const unlock = lockFolder(dataDir)
  try {
    const lite = await PGlite.create(join(dataDir, 'pgdata'), { parsers })
    return {
      ...portOf(lite),
      async close() {
        await lite.close()
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}

/** In memory, gone with the process. */
export async function openMemoryPglite(): Promise<OpenDatabase> {
  const lite = await PGlite.create({ parsers })
  return { ...portOf(lite), close: () => lite.close() }
}

function portOf(lite: PGlite): Omit<OpenDatabase, 'close'> {
  return {
    query: (text, params) => run(lite, text, params),
    transaction: (fn) =>
      lite.transaction(async (tx) => {
        let failed = false
        const guarded: Queryable = {
          async query<Row>(text: string, params?: readonly unknown[]) {
            try {
              return await run<Row>(tx, text, params)
            } catch (error) {
              failed = true
              throw error
            }
          },
        }
        const result = await fn(guarded)
        // Postgres answers a commit of a failed transaction with ROLLBACK and no error.
        if (failed) throw new Error('the transaction ended with ROLLBACK instead of COMMIT')
        return result
      }),
  }
}

async function run<Row>(on: PGlite | Transaction, text: string, params?: readonly unknown[]): Promise<Row[]> {
  if (!params) {
    const results: Results[] = await on.exec(text)
    // One statement answers its rows, several answer nothing: as node-postgres has it behind the port.
    return (results.length === 1 ? (results[0]?.rows ?? []) : []) as Row[]
  }
  return (await on.query<Row>(text, params.map(withoutNul))).rows
}
