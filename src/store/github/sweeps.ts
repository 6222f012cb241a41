// What sweeps keep: who runs one, how far it came, and what needs no looking at.
import type { SweepStore } from '../../jobs/sweeps/sweep-store.ts'
import type { Database } from '../database.ts'
import { ms } from '../fragments.ts'

export function createSweepStore(db: Database): SweepStore {
  return {
    async lead(name, holder, forMs) {
      const led = await db.query(
        `insert into leader as known (name, holder, until) values ($1, $2, now() + ${ms('$3')})
         on conflict (name) do update set holder = excluded.holder, until = excluded.until
         where known.holder = excluded.holder or known.until < now() returning 1`,
        [name, holder, forMs],
      )
      return led.length > 0
    },
    async readMark(name) {
      const [row] = await db.query<{ mark: Date }>('select mark from sweep_marks where name = $1', [name])
      return row?.mark
    },
    async writeMark(name, mark) {
      await db.query(
        `insert into sweep_marks (name, mark) values ($1, $2) on conflict (name) do update set mark = excluded.mark`,
        [name, mark],
      )
    },
    async recordedDeliveries(guids) {
      const rows = await db.query<{ guid: string }>('select guid from deliveries where guid = any($1::text[])', [guids])
      return new Set(rows.map((row) => row.guid))
    },
  }
}
