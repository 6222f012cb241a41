// The check run outbox: which rows have a check run that is not known to be as it should.
//
// What must always hold: the flag comes down only for the version that was shown. Whoever reports an older one, however
// late, raises the flag again, because that late write may have overwritten a newer one at GitHub. A change of the row does
// not end a lease, so that two versions are not shown at the same time.
//
// GitHub shows the newest of a commit's check runs. A review that ended without a word, because the base branch was changed and
// changed back or an older push came again, must not hide what another one said of the same commit: it says the same, and where
// a newer one is there, no check run is made for it any more.
import type { CheckRunStore, DueCheckRun } from '../../jobs/sweeps/check-run-ports.ts'
import type { ReviewId } from '../../review/ids.ts'
import type { Coverage } from '../../review/outcome.ts'
import type { Database } from '../database.ts'
import { ms, refObject } from '../fragments.ts'

/** What the driver answers for a `DueCheckRun`. */
interface DueRow extends Omit<DueCheckRun, 'reason' | 'coverage'> {
  reason: string | null
  coverage: Coverage | null
}

/** A row is leased for two leases of a review: whoever holds it may be paused or dead, and a check run may come late, not never. */
export function createCheckOutbox(db: Database, leaseMs: number): CheckRunStore {
  const settle = async (id: ReviewId, version: number, error: string | null): Promise<void> => {
    await db.query(
      `update reviews set check_due = check_version <> $2, check_not_before = null, check_error = $3 where id = $1`,
      [id, version, error],
    )
  }
  return {
    takeDue: (limit) => takeDue(db, limit, 2 * leaseMs),
    shown: (id, version) => settle(id, version, null),
    gaveUp: settle,
    async postponed(id, delayMs, error) {
      await db.query(
        `update reviews set check_due = true, check_not_before = now() + ${ms('$2')}, check_error = $3 where id = $1`,
        [id, delayMs, error],
      )
    },
  }
}

async function takeDue(db: Database, limit: number, forMs: number): Promise<DueCheckRun[]> {
  const leased = await db.query<{ id: ReviewId }>(
    `update reviews set check_not_before = now() + ${ms('$2')}
     where id in (
       select id from reviews where check_due and coalesce(check_not_before <= now(), true)
       order by check_not_before nulls first, id limit $1 for update skip locked)
     returning id::text as id`,
    [limit, forMs],
  )
  if (leased.length === 0) return []
  const rows = await db.query<DueRow>(
    `select id::text as "reviewId", ${refObject} as ref, check_version as version, spoken.*, ${endedUnsaid} and exists (
       select from reviews newer where newer.repository_id = r.repository_id and newer.number = r.number
         and newer.head_sha = r.head_sha and newer.id > r.id) as overtaken
     from reviews r cross join lateral (
       select s.status, case when s.status = 'failed' then coalesce(s.reason, s.error) else s.reason end as reason, s.coverage,
         s.files_read as "filesRead", s.left_out as "leftOut", s.summary,
         (select count(*)::int from findings where review_id = s.id and not held_back) as findings
       from reviews s where s.id = r.id or (${endedUnsaid} and s.repository_id = r.repository_id and s.number = r.number
         and s.head_sha = r.head_sha and s.status = 'published' and s.delivery <> 'shown')
       order by s.status = 'published' desc, s.id desc limit 1) spoken
     where id = any($1::bigint[]) order by id`,
    [leased.map(({ id }) => id)],
  )
  return rows.map((row) => ({ ...row, reason: row.reason ?? undefined, coverage: row.coverage ?? undefined }))
}

/** Its commit may be that of another review, of which the newest check run of the commit must not say less. */
const endedUnsaid = `r.status in ('superseded', 'cancelled')`
