// What becomes of rows when the App loses its access, or a repository its name.
//
// The locks as in `intake.ts`: pull requests before reviews. Whoever runs a review that is gone or was cancelled finds its epoch
// over with the next beat or write.
import type { AccessHook, AccessScope } from '../../jobs/hook.ts'
import { unreachable } from '../../review/outcome.ts'
import type { Queryable } from '../database.ts'
import { live, noteChange } from '../fragments.ts'

const inScope = '(installation_id = $1 or repository_id = any($2::bigint[]))'

function scopeOf(scope: AccessScope): [number | null, number[]] {
  return 'installationId' in scope ? [scope.installationId, []] : [null, scope.repositoryIds]
}

/** Answers how many reviews it changed. */
export async function recordAccess(tx: Queryable, hook: AccessHook): Promise<number> {
  switch (hook.kind) {
    case 'pause': {
      const paused = await tx.query(
        `update reviews set status = 'cancelled', epoch = epoch + 1, finished_at = now(), not_before = null, reason = $3,
           ${noteChange}
         where ${inScope} and status in ${live} returning 1`,
        [...scopeOf(hook.scope), hook.reason],
      )
      return paused.length
    }
    case 'purge': {
      const scope = scopeOf(hook.scope)
      await tx.query(`select 1 from pull_requests where ${inScope} order by repository_id, number for update`, scope)
      const purged = await tx.query(`delete from reviews where ${inScope} returning 1`, scope)
      await tx.query(`delete from pull_requests where ${inScope}`, scope)
      await tx.query('delete from github_writes where installation_id = $1', [scope[0]])
      return purged.length
    }
    case 'rename': {
      const names = [hook.repositoryId, hook.owner, hook.repo]
      await tx.query('update pull_requests set owner = $2, repo = $3 where repository_id = $1', names)
      const renamed = await tx.query(
        'update reviews set owner = $2, repo = $3, event_seq = event_seq + 1 where repository_id = $1 returning 1',
        names,
      )
      return renamed.length
    }
    default:
      return unreachable(hook)
  }
}
