// What the sweep over open pull requests knows: where the App is, up to where it has looked, and what it leaves to people.
import type { CatchUpStore, OpenPull, WatchedRepository } from '../../jobs/sweeps/catch-up.ts'
import type { Database, Queryable } from '../database.ts'
import { recordHead, touchPullRequest } from '../record-head.ts'

export function createCatchUpStore(db: Database): CatchUpStore {
  return {
    async inTurn(installations) {
      const rows = await db.query<{ place: number }>(
        `select place::int from unnest($1::bigint[]) with ordinality as open (id, place)
         left join repositories on installation_id = id group by place order by max(seen_at) nulls first, place`,
        [installations.map((one) => one.id)],
      )
      return rows.flatMap(({ place }) => installations[place - 1] ?? [])
    },
    see: (installation, repositories) => db.transaction((tx) => see(tx, installation, repositories)),
    watched: (installationId) =>
      db.query<WatchedRepository>(
        `select repository_id::float8 as id, installation_id::float8 as "installationId", owner, repo, since, etag
         from repositories where installation_id = $1 order by looked_at nulls first, repository_id`,
        [installationId],
      ),
    async look(repositoryId) {
      await db.query('update repositories set looked_at = now() where repository_id = $1', [repositoryId])
    },
    async known(repositoryId, pulls) {
      const rows = await db.query<{ number: number }>(
        `select number from reviews join unnest($2::int[], $3::text[], $4::text[]) as open (number, head_sha, base_ref)
           using (number, head_sha, base_ref)
         where repository_id = $1 and kind = 'pull_request' and installation_id <> 0 and not paused and status <> 'superseded'`,
        [repositoryId, ...headsOf(pulls)],
      )
      return new Set(rows.map((row) => row.number))
    },
    record: (pull) =>
      db.transaction(async (tx) => {
        const head = { ...pull, trigger: 'catch-up' } as const
        return (await touchPullRequest(tx, head)) && (await recordHead(tx, head)).kind === 'recorded'
      }),
    list: (repositoryId, unreviewed, etag) => db.transaction((tx) => list(tx, { repositoryId, unreviewed, etag })),
  }
}

async function see(tx: Queryable, ...[installation, repositories]: Parameters<CatchUpStore['see']>): Promise<void> {
  const ids = repositories.map((one) => one.id)
  await dueAgain(tx, installation.id, ids)
  // One that is new to a known installation came to it after the last look.
  await tx.query(
    `insert into repositories as known (repository_id, installation_id, owner, repo, since)
     select id, $1, owner, repo,
       coalesce((select max(seen_at) from repositories where installation_id = $1), $5::timestamptz)
     from unnest($2::bigint[], $3::text[], $4::text[]) as seen (id, owner, repo)
     on conflict (repository_id) do update set owner = excluded.owner, repo = excluded.repo, seen_at = now(),
       since = case when known.installation_id = excluded.installation_id then known.since else excluded.since end,
       installation_id = excluded.installation_id`,
    [
      installation.id,
      ids,
      repositories.map((one) => one.owner),
      repositories.map((one) => one.repo),
      installation.installedAt,
    ],
  )
  await tx.query('delete from repositories where installation_id = $1 and repository_id <> all($2::bigint[])', [
    installation.id,
    ids,
  ])
}

/**
 * Check runs that GitHub did not let us write while a repository was suspended, archived or not ours: when it is seen again. What
 * ended well before the last look was given up for another reason, or has had its turn; of what was away, three days.
 */
async function dueAgain(tx: Queryable, installationId: number, repositoryIds: number[]): Promise<void> {
  await tx.query(
    `update reviews r set check_due = true
     from unnest($2::bigint[]) as seen (id) left join repositories known on known.repository_id = seen.id
     where r.repository_id = seen.id and r.installation_id = $1 and not check_due and check_error is not null
       and finished_at >= coalesce(known.seen_at - interval '1 hour', now() - interval '3 days')`,
    [installationId, repositoryIds],
  )
}

interface Listed {
  repositoryId: number
  unreviewed: OpenPull[]
  etag: string | null
}

async function list(tx: Queryable, { etag, repositoryId, unreviewed }: Listed): Promise<void> {
  const update = 'update repositories set etag = $2 where repository_id = $1 returning 1'
  // Purged meanwhile: nothing of it is kept.
  if ((await tx.query(update, [repositoryId, etag])).length === 0) return
  await tx.query('delete from unreviewed_pull_requests where repository_id = $1', [repositoryId])
  await tx.query(
    `insert into unreviewed_pull_requests (repository_id, number, head_sha, base_ref, title, author, pr_updated_at)
     select $1, * from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
     on conflict do nothing`,
    [
      repositoryId,
      ...headsOf(unreviewed),
      unreviewed.map((one) => one.title.replaceAll('\0', '\uFFFD')),
      unreviewed.map((one) => one.author),
      unreviewed.map((one) => one.updatedAt),
    ],
  )
}

function headsOf(pulls: OpenPull[]): [numbers: number[], heads: string[], bases: string[]] {
  const refs = pulls.map((pull) => pull.ref)
  return [refs.map((ref) => ref.number), refs.map((ref) => ref.headSha), refs.map((ref) => ref.baseRef)]
}
