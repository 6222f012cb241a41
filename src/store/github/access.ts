// What becomes of rows when the App loses its access, or a repository its name.
//
// The locks as in `intake.ts`: pull requests before reviews. Whoever runs a review that is gone or was cancelled finds its epoch
// over with the next beat or write.
import type { AccessHook, AccessScope } from '../../jobs/hook.ts'
import { unreachable } from '../../review/outcome.ts'
import type { Queryable } from '../database.ts'
import { live, noteChange } from '../fragments.ts'

const inScope = '(installation_id = $1 or repository_id = any($2::bigint[]))'

type Scope = [installationId: number | null, repositoryIds: number[]]

function scopeOf(scope: AccessScope): Scope {
  return 'installationId' in scope ? [scope.installationId, []] : [null, scope.repositoryIds]
}

/** Answers how many reviews it changed. */
export async function recordAccess(tx: Queryable, hook: AccessHook): Promise<number> {
  switch (hook.kind) {
    case 'pause':
      return pause(tx, scopeOf(hook.scope), hook.reason)
    case 'purge':
      return purge(tx, scopeOf(hook.scope))
    case 'rename':
      return rename(tx, [hook.repositoryId, hook.owner, hook.repo, hook.installationId])
    default:
      return unreachable(hook)
  }
}

async function pause(tx: Queryable, scope: Scope, reason: string): Promise<number> {
  const paused = await tx.query(
    `update reviews set status = 'cancelled', epoch = epoch + 1, finished_at = now(), not_before = null, reason = $3,
       paused = true, error = null, ${noteChange}
     where ${inScope} and status in ${live} returning 1`,
    [...scope, reason],
  )
  // Once there is access again, the sweep over open pull requests looks at all of them.
  await tx.query(`update repositories set etag = null where ${inScope}`, scope)
  return paused.length
}

async function purge(tx: Queryable, scope: Scope): Promise<number> {
  await tx.query(`select 1 from pull_requests where ${inScope} order by repository_id, number for update`, scope)
  // Also what was only shown, before the App was installed there.
  const purged = await tx.query(
    `delete from reviews where ${inScope} or (repository_id, number) in
       (select repository_id, number from pull_requests where ${inScope}) returning 1`,
    scope,
  )
  for (const table of ['pull_requests', 'repositories']) await tx.query(`delete from ${table} where ${inScope}`, scope)
  await tx.query('delete from github_writes where installation_id = $1', [scope[0]])
  return purged.length
}

async function rename(tx: Queryable, names: unknown[]): Promise<number> {
  const set = 'set owner = $2, repo = $3, installation_id = coalesce($4, installation_id)'
  await tx.query(`update pull_requests ${set} where repository_id = $1`, names)
  await tx.query(`update repositories ${set} where repository_id = $1`, names)
  // What was only shown stays so.
  const renamed = await tx.query(
    `update reviews set owner = $2, repo = $3, event_seq = event_seq + 1,
       installation_id = case when installation_id = 0 then 0 else coalesce($4, installation_id) end
     where repository_id = $1 returning 1`,
    names,
  )
  return renamed.length
}
