// One request and its answer: compared with GitHub's description on the way in and on the way out.
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { departuresOfReply, departuresOfRequest } from '../openapi/contract.ts'
import { type Fault, type FaultList, type Match, answerInstead, badGateway, matches } from './faults.ts'
import { Refused, type Reply } from './reply.ts'
import { type Call, type Route, checkAccess, matchRoute } from './route.ts'
import { appRoutes } from './routes/app.ts'
import { appSetupRoutes } from './routes/app-setup.ts'
import { checkRunRoutes } from './routes/check-runs.ts'
import { hookDeliveryRoutes } from './routes/hook-deliveries.ts'
import { pullRoutes } from './routes/pulls.ts'
import { repositoryRoutes } from './routes/repositories.ts'
import { reviewRoutes } from './routes/reviews.ts'
import { identify } from './viewer.ts'
import type { World } from './world/world.ts'

const routes: Route[] = [
  ...appRoutes,
  ...appSetupRoutes,
  ...checkRunRoutes,
  ...hookDeliveryRoutes,
  ...pullRoutes,
  ...repositoryRoutes,
  ...reviewRoutes,
]

export interface ApiRequest {
  method: string
  url: URL
  authorization: string | undefined
  ifNoneMatch?: string | undefined
  /** Parsed JSON. */
  body: unknown
}

export interface LoggedRequest {
  /** Milliseconds on the monotonic clock. */
  at: number
  method: string
  /** With the query. */
  path: string
  /** 0: the connection was broken on purpose. */
  status: number
  fault?: Fault['kind']
}

/** What is called before a matching request is handled. */
export interface Interception extends Match {
  run(request: ApiRequest): unknown
}

export interface Exchanges {
  world: World
  faults: FaultList
  interceptions: Interception[]
  requests: LoggedRequest[]
  /** Every departure from GitHub's description, ours and theirs. */
  violations: string[]
  readLagMs: number
  /** Requests an hour, of everybody together. */
  hourlyLimit: number
}

/** `drop`: break the connection. Never rejects. */
export async function answerRequest(exchanges: Exchanges, request: ApiRequest): Promise<Reply | 'drop'> {
  const { fault, logged } = await beginExchange(exchanges, request)
  const full = fault ? await answerWithFault(exchanges, request, fault) : await answerInFull(exchanges, request)
  const reply = full === 'drop' ? full : unlessUnchanged(full, request)
  logged.status = reply === 'drop' ? 0 : reply.status
  return reply
}

/** What comes before every answer. The status is for whoever answers to write down. */
export async function beginExchange(
  exchanges: Exchanges,
  request: ApiRequest,
): Promise<{ logged: LoggedRequest; fault: Fault | undefined }> {
  const { method, url } = request
  const logged: LoggedRequest = { at: performance.now(), method, path: url.pathname + url.search, status: 0 }
  exchanges.requests.push(logged)
  await runInterceptions(exchanges, request)
  const fault = exchanges.faults.take(method, url.pathname)
  if (fault) logged.fault = fault.kind
  return { logged, fault }
}

/** https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate */
function unlessUnchanged(reply: Reply, { ifNoneMatch, method }: ApiRequest): Reply {
  if (method !== 'GET' || reply.status !== 200) return reply
  const etag = `W/"${createHash('sha256').update(JSON.stringify(reply.body)).digest('hex')}"`
  const headers = { ...reply.headers, etag }
  return etag === ifNoneMatch ? { status: 304, headers } : { ...reply, headers }
}

async function runInterceptions(exchanges: Exchanges, request: ApiRequest): Promise<void> {
  const { interceptions } = exchanges
  const found = interceptions.find((one) => matches(one, request.method, request.url.pathname))
  if (!found) return
  found.times = (found.times ?? 1) - 1
  if (found.times <= 0) interceptions.splice(interceptions.indexOf(found), 1)
  await found.run(request)
}

async function answerWithFault(exchanges: Exchanges, request: ApiRequest, fault: Fault): Promise<Reply | 'drop'> {
  const instead = answerInstead(fault)
  if (instead) return instead
  if (fault.kind === 'delay' && fault.after === undefined) await sleep(fault.ms)
  const reply = await answerInFull(exchanges, request)
  if (fault.kind === 'delay' && fault.after !== undefined) await sleep(fault.ms)
  // Only what was carried out can be lost on the way back.
  if (fault.kind === 'commit-then-502') return badGateway
  return fault.kind === 'commit-then-drop' ? 'drop' : reply
}

async function answerInFull(exchanges: Exchanges, request: ApiRequest): Promise<Reply> {
  const { violations, world } = exchanges
  const { method, url } = request
  const moved = redirectOf(world, request)
  if (moved) return moved
  const path = pathByName(world, url.pathname)
  const asked = { method, url: path + url.search, body: request.body }
  const wrong = departuresOfRequest(asked)
  if (wrong.length > 0) return fail(violations, wrong)
  const found = matchRoute(routes, method, path)
  if (!found) return fail(violations, [`the stand-in does not answer ${method} ${path}`])
  try {
    const reply = await carryOut(exchanges, found, request)
    const departures = departuresOfReply(asked, reply)
    return departures.length > 0 ? fail(violations, departures) : reply
  } catch (error) {
    return fail(violations, [`${method} ${path}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`])
  }
}

async function carryOut(
  exchanges: Exchanges,
  found: { route: Route; parameters: Record<string, string> },
  request: ApiRequest,
): Promise<Reply> {
  const { readLagMs, world } = exchanges
  const { body, method, url } = request
  try {
    const viewer = identify(request.authorization, world)
    checkAccess(found.route, viewer)
    const call: Call = { world, viewer, method, url, parameters: found.parameters, body, readLagMs }
    return await found.route.answer(call)
  } catch (error) {
    if (error instanceof Refused) return error.reply
    throw error
  }
}

/** Loud: GitHub itself never answers so, and nobody takes it for a passing fault. */
function fail(violations: string[], sentences: string[]): Reply {
  violations.push(...sentences)
  return { status: 500, body: { message: `Not as GitHub describes it: ${sentences.join('; ')}` } }
}

/** `/repositories/{id}/…` is the same as `/repos/{owner}/{repo}/…`: redirects lead there. */
function pathByName(world: World, path: string): string {
  const [, id, rest = ''] = /^\/repositories\/(\d+)(\/.*)?$/.exec(path) ?? []
  const repository = world.repositories.find((one) => String(one.id) === id)
  return repository ? `/repos/${repository.fullName}${rest}` : path
}

/** https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects */
function redirectOf(world: World, request: ApiRequest): Reply | undefined {
  const { origin, pathname, search } = request.url
  const [, name = '', rest = ''] = /^\/repos\/([^/]+\/[^/]+)(\/.*)?$/.exec(pathname) ?? []
  const repository = world.findRepository(name) ? undefined : world.formerNames.get(name.toLowerCase())
  if (!repository) return undefined
  const location = `${origin}/repositories/${repository.id}${rest}${search}`
  const status = request.method === 'GET' ? 301 : 307
  return { status, body: { message: 'Moved Permanently', url: location }, headers: { location } }
}
