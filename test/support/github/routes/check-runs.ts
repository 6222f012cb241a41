// https://docs.github.com/en/rest/checks/runs
import type { CheckRun } from '../world/check-run.ts'
import { checkRunJson, timestamp } from '../json.ts'
import { Refused, type Reply, notFound, pageOf } from '../reply.ts'
import { type Call, type Route, repositoryOf } from '../route.ts'

const path = '/repos/{owner}/{repo}/check-runs'

export const checkRunRoutes: Route[] = [
  { method: 'POST', template: path, needs: 'checks:write', answer: create },
  { method: 'GET', template: `${path}/{check_run_id}`, needs: 'checks:read', answer: get },
  { method: 'PATCH', template: `${path}/{check_run_id}`, needs: 'checks:write', answer: update },
  { method: 'GET', template: '/repos/{owner}/{repo}/commits/{ref}/check-runs', needs: 'checks:read', answer: list },
]

/** As in the requests; what is missing is left as it is. */
interface CheckRunRequest {
  name?: string
  head_sha?: string
  external_id?: string
  details_url?: string
  status?: string
  conclusion?: string
  started_at?: string
  completed_at?: string
  output?: { title?: string; summary?: string; text?: string }
}

function create(call: Call): Reply {
  const repository = repositoryOf(call)
  // Only Apps may write check runs.
  if (call.viewer.kind !== 'installation') throw new Refused(403, 'You must authenticate via a GitHub App.')
  // Compared with GitHub's description when it came in.
  const request = call.body as CheckRunRequest
  const headSha = request.head_sha ?? ''
  if (!repository.history.has(headSha)) throw new Refused(422, `No commit found for SHA: ${headSha}`)
  const blank: CheckRun = {
    id: call.world.nextId(),
    repository,
    appId: call.world.app.id,
    name: request.name ?? '',
    headSha,
    externalId: null,
    detailsUrl: null,
    status: 'queued',
    conclusion: null,
    startedAt: timestamp(new Date()),
    completedAt: null,
    output: { title: null, summary: null, text: null },
  }
  const run = withChanges(blank, request)
  call.world.checkRuns.push(run)
  return { status: 201, body: checkRunJson(run, call.world, call.url.origin) }
}

/** A conclusion completes the run, whatever status was named; an older conclusion goes when it runs again. */
function withChanges(run: CheckRun, request: CheckRunRequest): CheckRun {
  const status = request.conclusion === undefined ? (request.status ?? run.status) : 'completed'
  const completed = status === 'completed'
  if (completed && (request.conclusion ?? run.conclusion) === null)
    throw new Refused(422, 'Invalid request.\n\nMissing required key "conclusion".')
  return {
    ...run,
    name: request.name ?? run.name,
    externalId: request.external_id ?? run.externalId,
    detailsUrl: request.details_url ?? run.detailsUrl,
    status,
    conclusion: completed ? (request.conclusion ?? run.conclusion) : null,
    startedAt: request.started_at ?? run.startedAt,
    completedAt: completed ? (request.completed_at ?? timestamp(new Date())) : null,
    output: { ...run.output, ...request.output },
  }
}

function checkRunOf(call: Call): CheckRun {
  const repository = repositoryOf(call)
  const id = Number(call.parameters['check_run_id'])
  const run = call.world.checkRuns.find((one) => one.id === id && one.repository === repository)
  if (!run) throw notFound()
  return run
}

function get(call: Call): Reply {
  return { status: 200, body: checkRunJson(checkRunOf(call), call.world, call.url.origin) }
}

function update(call: Call): Reply {
  const run = checkRunOf(call)
  if (call.viewer.kind !== 'installation') throw new Refused(403, 'You must authenticate via a GitHub App.')
  // Compared with GitHub's description when it came in.
  Object.assign(run, withChanges(run, (call.body ?? {}) as CheckRunRequest))
  return { status: 200, body: checkRunJson(run, call.world, call.url.origin) }
}

function list(call: Call): Reply {
  const repository = repositoryOf(call)
  const query = call.url.searchParams
  const sha = repository.resolve(call.parameters['ref'] ?? '')
  const wanted = (name: string, value: string | number): boolean => [null, String(value)].includes(query.get(name))
  const matching = call.world.checkRuns
    .filter((one) => one.repository === repository && one.headSha === sha)
    .filter((one) => wanted('check_name', one.name) && wanted('app_id', one.appId) && wanted('status', one.status))
    .toReversed()
  // Newest first; without `filter=all` only the newest of each name.
  const latest = matching.filter((one, index) => matching.findIndex((other) => other.name === one.name) === index)
  const shown = query.get('filter') === 'all' ? matching : latest
  const { headers, items } = pageOf(shown, call.url)
  const runs = items.map((one) => checkRunJson(one, call.world, call.url.origin))
  return { status: 200, body: { total_count: shown.length, check_runs: runs }, headers }
}
