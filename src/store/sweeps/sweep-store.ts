// What sweeps keep: who runs one, how far it came, and what needs no looking at.
import type { DeliveryMark } from '../../jobs/sweeps/failed-deliveries.ts'
import type { SweepStore } from '../../jobs/sweeps/sweep-store.ts'
import type { Database } from '../database.ts'
import { ms } from '../fragments.ts'

export function createSweepStore(db: Database): SweepStore {
  return {
    async lead(name, holder, { everyMs, forMs }) {
      const led = await db.query(
        `insert into leader as known (name, holder, until) values ($1, $2, now() + ${ms('$4')})
         on conflict (name) do update set holder = excluded.holder, until = excluded.until
         where (known.holder = excluded.holder or known.until <= now())
           and (known.ran_at <= now() - ${ms('$3')}) is not false returning 1`,
        [name, holder, everyMs, forMs],
      )
      return led.length > 0
    },
    async ended(name, { did, error, tookMs }) {
      await db.query(
        `update leader set until = now(), ran_at = now(), took_ms = $2, error = $4, did = coalesce($3::json, did),
           failures = failures + case when $4::text is null then 0 else 1 end where name = $1`,
        [name, Math.round(tookMs), did ? JSON.stringify(did) : null, error],
      )
    },
    async release(holder) {
      await db.query('update leader set until = now() where holder = $1', [holder])
    },
    async readMark(name) {
      const [row] = await db.query<DeliveryMark>('select mark, open, rest from sweep_marks where name = $1', [name])
      return row
    },
    async writeMark(name, { mark, open, rest }) {
      await db.query(
        `insert into sweep_marks (name, mark, open, rest) values ($1, $2, $3, $4)
         on conflict (name) do update set mark = excluded.mark, open = excluded.open, rest = excluded.rest`,
        [name, mark, JSON.stringify(open), rest ? JSON.stringify(rest) : null],
      )
    },
    async recordedDeliveries(guids) {
      const rows = await db.query<{ guid: string }>('select guid from deliveries where guid = any($1::text[])', [guids])
      return new Set(rows.map((row) => row.guid))
    },
  }
}
