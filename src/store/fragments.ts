// The pieces of SQL that every file here has to write alike, and the one fence.
import type { Owner } from '../jobs/ports.ts'
import { LostLeaseError } from '../review/errors.ts'
import type { ReviewId } from '../review/ids.ts'

/**
 * What every change of a status does besides: whoever watches the row hears of it, and its check run is due anew, where there is one
 * (not without an installation), and but for the rows of which the condition says that theirs stays as it is.
 */
export function noteChangeBut(checkStays: string): string {
  return `check_due = check_due or (installation_id <> 0 and not ${checkStays}),
    check_version = check_version + (not ${checkStays})::int, event_seq = event_seq + 1`
}

export const noteChange = noteChangeBut('false')

/** Not ended yet. */
export const live = `('queued', 'running', 'retrying')`

/** What a partial index on ended reviews says, word for word. */
export const ended = `('published', 'skipped', 'superseded', 'cancelled', 'failed')`

/** The fence of every write by an owner. `$1` and `$2` are the two values of `fenceOf`. */
export const stillMine = `id = $1 and epoch = $2 and status = 'running'`

export function fenceOf(owner: Owner): [ReviewId, number] {
  return [owner.reviewId, owner.epoch]
}

/** The one row that a fenced statement touched. Throws `LostLeaseError` when it touched none: stop and write nothing. */
export function ownRow<Row>(rows: Row[], owner: Owner): Row {
  const [row] = rows
  if (row === undefined) throw new LostLeaseError(`epoch ${owner.epoch} of review ${owner.reviewId} is over`)
  return row
}

/** A `PullRequestRef` from a row of `reviews`. As JSON, because there a `bigint` is a number for every driver. */
export const refObject = `json_build_object('installationId', installation_id, 'repositoryId', repository_id,
  'owner', owner, 'repo', repo, 'number', number, 'headSha', head_sha, 'baseRef', base_ref, 'kind', kind)`

/** A duration from a parameter in milliseconds, for example `ms('$3')`. */
export function ms(parameter: string): string {
  return `(${parameter}::float8 * interval '1 millisecond')`
}
