// Prompts and code do not stay for ever. What a review was, how it ended, what it counted and what it cost does.
//
// What must always hold: nothing of a live review is dropped. A review is looked at and emptied under its row's lock, so a Retry
// comes before (and keeps its steps) or after (and finds none to serve).
import type { ForgetStore } from '../../jobs/sweeps/forget.ts'
import type { Database } from '../database.ts'
import { ended } from '../fragments.ts'

export function createForgetStore(db: Database): ForgetStore {
  return {
    async dropCode(days, limit) {
      const dropped = await db.query(
        `with old as (
           select id from reviews where has_code and status in ${ended} and finished_at <= now() - $1::int * interval '1 day'
           order by finished_at limit $2 for update skip locked
         ), emptied as (update spans set input = null, output = null from old where review_id = old.id),
         cut as (update findings set quote = null, suggestion = null from old where review_id = old.id)
         update reviews set has_code = false, frozen = null from old where reviews.id = old.id returning 1`,
        [days, limit],
      )
      return dropped.length
    },
  }
}
