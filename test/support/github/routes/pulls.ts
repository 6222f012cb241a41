// https://docs.github.com/en/rest/pulls/pulls
import { commitJson, fileJson, fullPullRequestJson, pullRequestJson } from '../pull-json.ts'
import type { PullRequest } from '../world/pull-request.ts'
import { type Reply, pageOf } from '../reply.ts'
import { type Call, type Route, pullRequestOf, repositoryOf } from '../route.ts'

const path = '/repos/{owner}/{repo}/pulls'

export const pullRoutes: Route[] = [
  { method: 'GET', template: path, needs: 'pull_requests:read', answer: list },
  { method: 'GET', template: `${path}/{pull_number}`, needs: 'pull_requests:read', answer: get },
  { method: 'GET', template: `${path}/{pull_number}/files`, needs: 'pull_requests:read', answer: listFiles },
  { method: 'GET', template: `${path}/{pull_number}/commits`, needs: 'pull_requests:read', answer: listCommits },
]

/** GitHub lists no more of them. */
const maxCommits = 250

function list(call: Call): Reply {
  const query = call.url.searchParams
  const state = query.get('state') ?? 'open'
  const base = query.get('base')
  const pulls = repositoryOf(call)
    .pullRequests.filter((one) => state === 'all' || one.fields.state === state)
    .filter((one) => base === null || one.baseRef === base)
    .toSorted((a, b) => keyOf(a, query) - keyOf(b, query))
  // Newest first unless asked otherwise.
  const sorted = query.get('direction') === 'asc' ? pulls : pulls.toReversed()
  const { headers, items } = pageOf(sorted, call.url)
  return { status: 200, body: items.map((one) => pullRequestJson(one, call.url.origin)), headers }
}

function keyOf(pull: PullRequest, query: URLSearchParams): number {
  return query.get('sort') === 'updated' ? pull.updatedAt.getTime() : pull.number
}

async function get(call: Call): Promise<Reply> {
  return { status: 200, body: await fullPullRequestJson(pullRequestOf(call), call.url.origin) }
}

async function listFiles(call: Call): Promise<Reply> {
  const pull = pullRequestOf(call)
  const { headSha } = pull
  const files = await pull.filesAt(headSha)
  const at = { pull, headSha, mergeBase: pull.mergeBaseOf(headSha) }
  const { headers, items } = pageOf(files, call.url)
  return { status: 200, body: items.map((one) => fileJson(one, at, call.url.origin)), headers }
}

function listCommits(call: Call): Reply {
  const pull = pullRequestOf(call)
  const commits = pull.commits()
  const { headers, items } = pageOf(commits.slice(0, maxCommits), call.url)
  return { status: 200, body: items.map((one) => commitJson(one, pull, call.url.origin)), headers }
}
