import type { LeftoverDraftStore } from '../../jobs/sweeps/leftover-drafts.ts'
import type { Database } from '../database.ts'
import { live, ms, refObject } from '../fragments.ts'

/** At a second try or later: GitHub may have carried out the first one when the review was posted already. */
const publishedLater = `(status = 'published' and former_intent_at is not null)`

export function createLeftoverDraftStore(db: Database): LeftoverDraftStore {
  return {
    endedWhilePosting: (quietMs, limit) =>
      db.query(
        `select id::text as "reviewId", ${refObject} as ref from reviews r
         where publish_intent_at is not null and not drafts_swept
           and (status in ('skipped', 'superseded', 'cancelled', 'failed') or ${publishedLater}) and finished_at < now() - ${ms('$1')}
           and not exists (select 1 from reviews other
             where other.repository_id = r.repository_id and other.number = r.number and other.status in ${live})
         order by row_number() over (partition by installation_id order by finished_at), finished_at limit $2`,
        [quietMs, limit],
      ),
    async swept(id) {
      await db.query('update reviews set drafts_swept = true where id = $1', [id])
    },
  }
}
