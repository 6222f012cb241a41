// The pace of writing to GitHub: one row for each installation, with the times of the last hour's writes. Exact, however
// many workers write at once: the row's lock puts them in a row. At the usual limit it is 400 times of 8 bytes.
//
// Whoever is refused is promised a time, counted as if writes were made then: so no more come back in an hour than may write.
// A promise keeps nobody out. Who finds that a newcomer has been faster gets a new one, behind all others.
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
    async take(installationId, following = 0) {
      const params = [installationId, Math.max(perMinute - following, 1), Math.max(perHour - following, 1)]
      // now() may be older than a write it waited for; then that write counts, and that is right.
      const taken = await db.query(
        `insert into github_writes as known (installation_id, at) values ($1, array[clock_timestamp()])
         on conflict (installation_id) do update
         set at = array(select one from unnest(known.at) one where one > now() - interval '1 hour') || clock_timestamp()
         where (select count(*) filter (where one > now() - interval '1 minute') < $2::int and
             count(*) filter (where one > now() - interval '1 hour') < $3::int from unnest(known.at) one)
         returning 1`,
        params,
      )
      if (taken.length > 0) return { kind: 'taken' }
      return { kind: 'wait', delayMs: await promiseWrites(db, [...params, 1 + following]) }
    },
  }
}

/** Until the writes that must be out of a window are out of it. At least a moment: the window may have moved since. */
async function promiseWrites(db: Database, params: number[]): Promise<number> {
  const [row] = await db.query<{ ms: number }>(
    `with known as (
       select at, array(select one from unnest(promised) one where one > now()) as promised
       from github_writes where installation_id = $1 for update),
     free as (
       select greatest(now(), (array_agg(one order by one desc))[$2::int] + interval '1 minute',
         (array_agg(one order by one desc))[$3::int] + interval '1 hour') as at
       from known, unnest(known.at || known.promised) one)
     update github_writes set promised = known.promised || array_fill(free.at, array[$4::int])
     from known, free where installation_id = $1 returning (1000 * extract(epoch from free.at - now()))::float8 as ms`,
    params,
  )
  return Math.max(Math.ceil(row?.ms ?? 0), 100)
}
