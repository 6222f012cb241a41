// Open pull requests of everybody who installed the App, read with a share of what GitHub allows: reviews need the rest.
import { z } from 'zod'
import type { CatchUpDeps, InstallationReader, SeenRepository, WatchedRepository } from '../../jobs/sweeps/catch-up.ts'
import { ClosedDoorError } from '../../review/errors.ts'
import { answerOf, read } from '../answer.ts'
import type { GitHub, Octokit } from '../client.ts'
import { id } from '../fields.ts'
import { perPage, readPages } from '../pages.ts'
import { headOf, pullRequestFields, reasonToLeave, repositoryFields } from './automatic.ts'
import { createShare, type Share } from './share.ts'

const date = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
const installation = z.object({ id, created_at: date, suspended_at: z.string().nullish() })
const repository = repositoryFields.extend({ archived: z.boolean().optional() })
const repositoryPage = z.object({ repositories: z.array(z.unknown()) })
const openPull = pullRequestFields.extend({ created_at: date })
const gitCommit = z.object({ committer: z.object({ date }) })

/** `part`: of an installation's requests in an hour, how many one turn may use. */
export function createOpenPulls(
  github: Pick<GitHub, 'app' | 'installation' | 'botLogin'>,
  part: number,
): Pick<CatchUpDeps, 'installations' | 'readerOf'> {
  return {
    installations: (signal) => readInstallations(github, signal).catch(noneWhereClosed),
    readerOf: (installationId) => createReader(github, installationId, createShare(part)),
  }
}

/** Without those that are suspended: their tokens open nothing. */
async function readInstallations(github: Pick<GitHub, 'app'>, signal: AbortSignal) {
  return read({ what: 'listing the installations', signal }, async () => {
    const app = await github.app()
    const all = await readPages(installation, (page) =>
      app.request('GET /app/installations', { per_page: perPage, page, request: { signal } }),
    )
    const open = all.filter((one) => (one.suspended_at ?? null) === null)
    return open.map((one) => ({ id: one.id, installedAt: one.created_at }))
  })
}

/** The bundled sample has no such list. */
function noneWhereClosed(error: unknown): never[] {
  if (error instanceof ClosedDoorError) return []
  throw error
}

function createReader(
  github: Pick<GitHub, 'installation' | 'botLogin'>,
  installationId: number,
  share: Share,
): InstallationReader {
  /** Counts what is asked. */
  const octokit = async (): Promise<Octokit> => {
    const client = await github.installation(installationId)
    client.hook.before('request', () => share.take())
    client.hook.after('request', (reply) => share.note(reply.headers))
    return client
  }
  return {
    isDone: share.isUsedUp,
    repositories: async (signal) => readRepositories(await octokit(), signal),
    async openPulls(watched, signal) {
      const list = await readList(await octokit(), watched, signal)
      if (!list) return undefined
      const ownLogin = await github.botLogin()
      const kept = list.pulls.filter((one) => reasonToLeave(one, ownLogin) === undefined)
      const named = { id: watched.id, name: watched.repo, owner: { login: watched.owner } }
      const pulls = kept.map((one) => ({ ...headOf(one, named, installationId), createdAt: one.created_at }))
      return { pulls, etag: list.etag }
    },
    committedAt: ({ headSha, owner, repo }, signal) =>
      read({ what: `reading a commit of ${owner}/${repo}`, signal }, async () => {
        const at = { owner, repo, commit_sha: headSha, request: { signal } }
        const reply = await (await octokit()).request('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', at)
        return gitCommit.parse(reply.data).committer.date
      }).catch(longAgo),
  }
}

/** Without those that nobody can write to. */
function readRepositories(client: Octokit, signal: AbortSignal): Promise<SeenRepository[]> {
  return read({ what: 'listing the repositories of an installation', signal }, async () => {
    const all = await readPages(repository, async (page) => {
      const reply = await client.request('GET /installation/repositories', {
        per_page: perPage,
        page,
        request: { signal },
      })
      return { data: repositoryPage.parse(reply.data).repositories, headers: reply.headers }
    })
    const open = all.filter((one) => one.archived !== true)
    return open.map((one) => ({ id: one.id, owner: one.owner.login, repo: one.name }))
  })
}

/** A commit that we are not shown makes nothing new. */
function longAgo(error: unknown): Date {
  if (error instanceof ClosedDoorError) return new Date(0)
  throw error
}

/** The last changed ones: what is open beside so many is asked for by its address. */
const mostPages = 10

/** `undefined`: GitHub says that nothing changed. Nothing to see where GitHub lets us see nothing. */
async function readList(client: Octokit, watched: WatchedRepository, signal: AbortSignal) {
  const { owner, repo } = watched
  let etag: string | null = null
  try {
    const pulls = await read({ what: `listing the pull requests of ${owner}/${repo}`, signal }, () =>
      readPages(openPull, async (page) => {
        const headers = page === 1 && watched.etag !== null ? { 'if-none-match': watched.etag } : {}
        const query = { state: 'open', sort: 'updated', direction: 'desc', per_page: perPage, page } as const
        const at = { owner, repo, ...query, headers, request: { signal } }
        const reply = await client.request('GET /repos/{owner}/{repo}/pulls', at).catch(unlessUnchanged)
        if (page === 1) etag = reply.headers.etag ?? null
        return { data: reply.data, headers: page < mostPages ? reply.headers : {} }
      }),
    )
    return { pulls, etag }
  } catch (error) {
    if (error instanceof UnchangedError) return undefined
    if (error instanceof ClosedDoorError) return { pulls: [], etag: null }
    throw error
  }
}

/** Not an error to GitHub, but to Octokit. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate */
class UnchangedError extends Error {
  override readonly name = 'UnchangedError'
}

function unlessUnchanged(error: unknown): never {
  throw answerOf(error)?.status === 304 ? new UnchangedError('as it was') : error
}
