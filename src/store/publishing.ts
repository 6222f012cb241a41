// The part of posting exactly once that the record keeps: who is posting, and which bytes.
//
// What must always hold: of a pull request's running rows one at most holds an intent, and it is on the row before GitHub
// is written to; once a payload is frozen, every later owner posts those bytes.
//
// An intent belongs to an epoch. A row that was claimed anew does not hold the intent of its former owner, else two such
// rows would wait for each other for ever; the time of that intent is kept, because its write may still show up.
import type { Owner } from '../jobs/ports.ts'
import type { Intent, PublishingStore } from '../jobs/publish.ts'
import type { Publication } from '../review/publication.ts'
import type { Database, Queryable } from './database.ts'
import { fenceOf, ownRow, stillMine } from './fragments.ts'
import { lockPullRequestOf } from './record-head.ts'

export function createPublishing(db: Database): PublishingStore {
  return {
    openIntent: (owner, publication) => db.transaction((tx) => openIntent(tx, owner, publication)),
    async freezeAnew(owner, publication) {
      const rows = await db.query(`update reviews set frozen = $3 where ${stillMine} returning id`, [
        ...fenceOf(owner),
        JSON.stringify(publication),
      ])
      ownRow(rows, owner)
    },
    async assertOwner(owner) {
      // Whoever posts next waits from here on: listing may have taken long since the intent was opened.
      const rows = await db.query(
        `update reviews set publish_intent_at = clock_timestamp() where ${stillMine} returning id`,
        fenceOf(owner),
      )
      ownRow(rows, owner)
    },
  }
}

async function openIntent(tx: Queryable, owner: Owner, publication: Publication): Promise<Intent> {
  // Two rows of one pull request cannot both find nobody posting.
  await lockPullRequestOf(tx, owner.reviewId)
  if (await isOccupied(tx, owner)) {
    ownRow(await tx.query(`select 1 from reviews where ${stillMine}`, fenceOf(owner)), owner)
    return { kind: 'occupied' }
  }
  // Not now(), which is the transaction's start: waiting for the lock would make the intent look older than it is.
  const rows = await tx.query<{ frozen: Publication; ageMs: number | null }>(
    `update reviews set former_intent_at = publish_intent_at, publish_intent_at = clock_timestamp(),
       publish_intent_epoch = epoch, frozen = coalesce(frozen, $3), drafts_swept = false
     where ${stillMine}
     returning frozen, (1000 * extract(epoch from publish_intent_at - former_intent_at))::float8 as "ageMs"`,
    [...fenceOf(owner), JSON.stringify(publication)],
  )
  const row = ownRow(rows, owner)
  return { kind: 'open', publication: row.frozen, formerIntentAgeMs: row.ageMs ?? undefined }
}

async function isOccupied(tx: Queryable, owner: Owner): Promise<boolean> {
  const others = await tx.query(
    `select 1 from reviews mine
     join reviews other on other.repository_id = mine.repository_id and other.number = mine.number and other.id <> mine.id
     where mine.id = $1 and other.status = 'running' and other.publish_intent_epoch = other.epoch limit 1`,
    [owner.reviewId],
  )
  return others.length > 0
}
