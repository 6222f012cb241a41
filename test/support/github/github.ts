// A GitHub for tests: stateful, over HTTP, on real git repositories, held to GitHub's published API description.
//
//   const github = await startGitHub()
//   const repository = await github.createRepository({ files: { 'src/a.ts': 'export const a = 1\n' } })
//   const pull = await repository.openPullRequest({ files: { 'src/a.ts': 'export const a = 2\n' } })
//   github.hooks.target = { url: `${plumbline}/api/github/webhooks`, secret: github.app.webhookSecret }
//   await github.send(pull, 'opened')
//   await vi.waitFor(() => expect(github.reviewsOf(pull)).toHaveLength(1))
//   expect(github.violations).toEqual([])
//   await github.close()
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CheckRun } from './world/check-run.ts'
import { type ApiRequest, type Exchanges, type LoggedRequest, answerRequest } from './exchange.ts'
import { answerFetch, isGitPath } from './fetching.ts'
import { FaultList, type Faults, type Match } from './faults.ts'
import { type Delivered, type HookLog, payloadFor } from './hooks.ts'
import type { App } from './world/installation.ts'
import type { Json } from './json.ts'
import type { PullRequest } from './world/pull-request.ts'
import type { Reply } from './reply.ts'
import type { Repository } from './world/repository.ts'
import type { ReviewComment, ReviewEvent } from './world/review-book.ts'
import { type RepositoryOptions, World } from './world/world.ts'

export interface GitHubOptions {
  /** A free one by default. */
  port?: number
}

/** A review as a person would see it. */
export interface ShownReview {
  id: number
  author: string
  body: string
  /** Missing for a draft. */
  event?: ReviewEvent
  commitSha: string
  comments: readonly ReviewComment[]
}

export interface GitHubStandIn {
  /** `GITHUB_API_URL` and `GITHUB_SERVER_URL`. */
  readonly url: string
  /** Its id, keys and webhook secret. */
  readonly app: App
  readonly faults: Faults
  /** `hooks.target` is where `send` delivers to; `hooks.records` what became of it. */
  readonly hooks: HookLog
  /** Users, installations, personal tokens (`world.createToken`): what is rarely needed. */
  readonly world: World
  /** Every request so far, without bodies. */
  readonly requests: readonly LoggedRequest[]
  /** Every request and reply that was not as GitHub describes it; each was answered with 500. Must stay empty. */
  readonly violations: readonly string[]
  /** Lists of reviews show what was there so long ago. Milliseconds. */
  readLagMs: number
  /** What the headers of answers say of an hour's requests. Nobody is refused. */
  hourlyLimit: number
  createRepository(options?: RepositoryOptions): Promise<Repository>
  /** Before a matching request is handled, `run` is called and waited for; once, unless `times` says otherwise. */
  before(match: Match, run: (request: ApiRequest) => unknown): void
  /** Submitted reviews, oldest first. */
  reviewsOf(pull: PullRequest): ShownReview[]
  /** Pending reviews of anybody. */
  draftsOf(pull: PullRequest): ShownReview[]
  /** Oldest first, twins included. */
  checkRunsOf(sha: string): CheckRun[]
  /** The payload of a `pull_request` event for the pull request as it is now. */
  payloadFor(pull: PullRequest, action: string, more?: Json): Json
  /** Delivers such a payload to `hooks.target`. */
  send(pull: PullRequest, action: string, more?: Json): Promise<Delivered>
  close(): Promise<void>
}

/** Listens on loopback only. Takes about half a second: GitHub's description is 13 MB. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHubStandIn> {
  const world = await World.create()
  const faults = new FaultList()
  const exchanges: Exchanges = {
    world,
    faults,
    interceptions: [],
    requests: [],
    violations: [],
    readLagMs: 0,
    hourlyLimit: 5_000,
  }
  const server = createServer((request, response) => {
    // The client went away while it was sending: nobody waits for an answer.
    serve(exchanges, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  // A TCP server's address is an object.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const standIn: GitHubStandIn = {
    url,
    app: world.app,
    faults,
    hooks: world.hooks,
    world,
    requests: exchanges.requests,
    violations: exchanges.violations,
    get readLagMs() {
      return exchanges.readLagMs
    },
    set readLagMs(ms) {
      exchanges.readLagMs = ms
    },
    get hourlyLimit() {
      return exchanges.hourlyLimit
    },
    set hourlyLimit(requests) {
      exchanges.hourlyLimit = requests
    },
    createRepository: (given) => world.createRepository(given),
    before: (match, run) => void exchanges.interceptions.push({ ...match, run }),
    reviewsOf: (pull) => show(pull).filter((one) => one.event !== undefined),
    draftsOf: (pull) => show(pull).filter((one) => one.event === undefined),
    checkRunsOf: (sha) => world.checkRuns.filter((one) => one.headSha === sha),
    payloadFor: (pull, action, more = {}) => payloadFor(pull, { action, api: url, more }),
    send: (pull, action, more) =>
      world.hooks.send({ event: 'pull_request', payload: standIn.payloadFor(pull, action, more) }),
    close: () => close(server, world),
  }
  return standIn
}

function show(pull: PullRequest): ShownReview[] {
  return pull.reviews.now.map(({ author, submitted, ...review }) => ({
    ...review,
    author: author.login,
    ...(submitted ? { event: submitted.event } : {}),
  }))
}

async function close(server: Server, world: World): Promise<void> {
  await world.hooks.settle()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await world.remove()
}

async function serve(exchanges: Exchanges, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { authorization, host = '', 'if-none-match': ifNoneMatch } = incoming.headers
  const url = new URL(incoming.url ?? '/', `http://${host}`)
  if (isGitPath(url.pathname)) {
    if ((await answerFetch(exchanges, incoming, response)) === 'drop') incoming.socket.destroy()
    return
  }
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  const text = Buffer.concat(chunks).toString()
  const body = text === '' ? undefined : parse(text)
  if (body instanceof SyntaxError) return send(response, { status: 400, body: { message: 'Problems parsing JSON' } })
  const request = { method: incoming.method ?? '', url, authorization, ifNoneMatch, body }
  const reply = await answerRequest(exchanges, request)
  if (reply === 'drop') incoming.socket.destroy()
  else send(response, withLimits(reply, exchanges))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return error
  }
}

/** What was unchanged does not count, and git has limits of its own. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit */
function withLimits(reply: Reply, { hourlyLimit, requests }: Exchanges): Reply {
  const counted = requests.filter(({ path, status }) => status !== 304 && !isGitPath(path.replace(/\?.*/, '')))
  const used = Math.min(counted.length, hourlyLimit - 1)
  const limits = {
    'x-ratelimit-limit': String(hourlyLimit),
    'x-ratelimit-remaining': String(hourlyLimit - used),
    'x-ratelimit-used': String(used),
    'x-ratelimit-reset': String(Math.ceil(Date.now() / 3_600_000) * 3600),
    'x-ratelimit-resource': 'core',
    'x-github-request-id': `STAND:IN:${requests.length}`,
  }
  return { ...reply, headers: { ...limits, ...reply.headers } }
}

function send(response: ServerResponse, reply: Reply): void {
  const { body, headers, status } = reply
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
