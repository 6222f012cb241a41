// The check run outbox: which rows have a check run that is not known to be as it should.
//
// What must always hold: the flag comes down only for the version that was shown. Whoever reports an older one, however
// late, raises the flag again, because that late write may have overwritten a newer one at GitHub. A change of the row does
// not end a lease, so that two versions are not shown at the same time.
import type { CheckRunStore, DueCheckRun } from '../../jobs/sweeps/check-run-ports.ts'
import type { Coverage, Verdict } from '../../review/outcome.ts'
import type { Database } from '../database.ts'
import { ms, refObject } from '../fragments.ts'

/** What the driver answers for a `DueCheckRun`. */
interface DueRow extends Omit<DueCheckRun, 'reason' | 'coverage' | 'verdict'> {
  reason: string | null
  coverage: Coverage | null
  verdict: Verdict | null
}

/** A row is leased for two leases of a review: whoever holds it may be paused or dead, and a check run may come late, not never. */
export function createCheckOutbox(db: Database, leaseMs: number): CheckRunStore {
  return {
    takeDue: (limit) => takeDue(db, limit, 2 * leaseMs),
    async shown(id, version) {
      await db.query(
        `update reviews set check_due = check_version <> $2, check_not_before = null, check_error = null where id = $1`,
        [id, version],
      )
    },
    async postponed(id, delayMs, error) {
      await db.query(
        `update reviews set check_due = true, check_not_before = now() + ${ms('$2')}, check_error = $3 where id = $1`,
        [id, delayMs, error],
      )
    },
    async gaveUp(id, version, reason) {
      await db.query(
        `update reviews set check_due = check_version <> $2, check_not_before = null, check_error = $3 where id = $1`,
        [id, version, reason],
      )
    },
  }
}

async function takeDue(db: Database, limit: number, forMs: number): Promise<DueCheckRun[]> {
  const rows = await db.query<DueRow>(
    `update reviews r set check_not_before = now() + ${ms('$2')}
     where id in (
       select id from reviews where check_due and coalesce(check_not_before <= now(), true)
       order by check_not_before nulls first, id limit $1 for update skip locked)
     returning id::text as "reviewId", ${refObject} as ref, check_version as version, status, reason, coverage, verdict,
       files_read as "filesRead", left_out as "leftOut", summary,
       (select count(*)::int from findings where review_id = r.id and not held_back) as findings`,
    [limit, forMs],
  )
  return rows.map((row) => ({
    ...row,
    reason: row.reason ?? undefined,
    coverage: row.coverage ?? undefined,
    verdict: row.verdict ?? undefined,
  }))
}
