// The pace of writing to GitHub: one row for each installation, with the times of the last hour's writes. Exact, however
// many workers write at once: the row's lock puts them in a row. At the usual limit it is 400 times of 8 bytes.
import type { WritePace } from '../../jobs/paced.ts'
import type { Database } from '../database.ts'

/**
 * GitHub allows an App 80 content-creating requests a minute and 500 an hour, and counts some of them otherwise.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
export interface WriteLimits {
  perMinute: number
  perHour: number
}

export function createWritePace(db: Database, { perHour, perMinute }: WriteLimits): WritePace {
  return {
    async take(installationId) {
      // now() may be older than a write it waited for; then that write counts, and that is right.
      const taken = await db.query(
        `insert into github_writes as known (installation_id, at) values ($1, array[clock_timestamp()])
         on conflict (installation_id) do update
         set at = array(select one from unnest(known.at) one where one > now() - interval '1 hour') || clock_timestamp()
         where (select count(*) filter (where one > now() - interval '1 minute') < $2::int and
             count(*) filter (where one > now() - interval '1 hour') < $3::int from unnest(known.at) one)
         returning 1`,
        [installationId, perMinute, perHour],
      )
      if (taken.length > 0) return { kind: 'taken' }
      return { kind: 'wait', delayMs: await delayMs(db, [installationId, perMinute, perHour]) }
    },
  }
}

/** Until the oldest write that must be out of a window is out of it. At least a moment: the window may have moved since. */
async function delayMs(db: Database, params: [installationId: number, perMinute: number, perHour: number]) {
  const [row] = await db.query<{ ms: number | null }>(
    `select (1000 * extract(epoch from max(until) - now()))::float8 as ms from (
       select one + case row_number() over (order by one desc)
         when $2::int then interval '1 minute' when $3::int then interval '1 hour' end as until
       from github_writes, unnest(at) one where installation_id = $1) windows`,
    params,
  )
  return Math.max(Math.ceil(row?.ms ?? 0), 100)
}
