// A whole Plumbline for a test: web and workers as processes of their own, on real Redis and real Postgres, against the
// stand-ins for GitHub and the model.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { type GitHubStandIn, startGitHub } from './github/github.ts'
import type { PullRequest } from './github/world/pull-request.ts'
import { commentableLines } from './github/world/patch.ts'
import { type ModelStandIn, startModel } from './model/model.ts'
import { type PlumblineProcess, startProcess } from './processes.ts'
import { type PrivateRedis, startRedis } from './servers/redis.ts'

/** Scaled down, so that a dead worker is replaced within seconds. */
const pace = {
  LEASE_MS: '1500',
  READ_LAG_MS: '300',
  GATHER_MS: '200',
  SHUTDOWN_GRACE_MS: '2000',
  OPENAI_TIMEOUT_MS: '2000',
  // What these stories measure is when workers die and who takes over: a fetch before each review would only blur it.
  // `test/story-repository.test.ts` is the one about mirrors.
  MIRROR_MAX_BYTES: '0',
  // All stories of a file share one installation and its minute. `test/jobs/paced.test.ts` and a campaign are the ones about the pace.
  GITHUB_WRITES_PER_MINUTE: '10000',
  GITHUB_WRITES_PER_HOUR: '100000',
}

export interface ReviewRecord {
  id: string
  status: string
  coverage: string | null
  verdict: string | null
  reason: string | null
  error: string | null
  attempts: number
  crashes: number
  head_sha: string
  findings: number
  spans: string[]
}

export class Plumbline {
  readonly github: GitHubStandIn
  readonly model: ModelStandIn
  readonly redis: PrivateRedis
  readonly #db: pg.Pool
  readonly #env: Record<string, string>
  /** Shared by all its processes, as on one machine. */
  readonly #folder = mkdtempSync(join(tmpdir(), 'plumbline-story-'))
  readonly #processes: PlumblineProcess[] = []

  private constructor(parts: { github: GitHubStandIn; model: ModelStandIn; redis: PrivateRedis; databaseUrl: string }) {
    this.github = parts.github
    this.model = parts.model
    this.redis = parts.redis
    this.#db = new pg.Pool({ connectionString: parts.databaseUrl, max: 2 })
    this.#db.on('error', () => undefined)
    this.#env = {
      ...pace,
      DATA_DIR: this.#folder,
      APP_ID: String(this.github.app.id),
      PRIVATE_KEY: this.github.app.privateKey,
      WEBHOOK_SECRET: this.github.app.webhookSecret,
      GITHUB_API_URL: this.github.url,
      GITHUB_SERVER_URL: this.github.url,
      DATABASE_URL: parts.databaseUrl,
      REDIS_URL: this.redis.url,
      OPENAI_BASE_URL: this.model.url,
      OPENAI_API_KEY: 'sk-test-key-of-the-stand-in',
      OPENAI_MODEL: 'stand-in',
      PORT: '0',
    }
  }

  /** On an empty database; with a Redis of its own, for tests that kill it. */
  static async start(databaseUrl: string): Promise<Plumbline> {
    const [github, model, redis] = await Promise.all([
      startGitHub(),
      startModel(),
      startRedis({ appendfsync: 'everysec' }),
    ])
    return new Plumbline({ github, model, redis, databaseUrl })
  }

  get env(): Readonly<Record<string, string>> {
    return this.#env
  }

  /** Starts a web process and points GitHub's webhook at it. */
  async web(env: Record<string, string> = {}): Promise<PlumblineProcess & { url: string }> {
    const web = this.#run('src/app.ts', env)
    const line = await web.line(/"msg":"listening"/)
    const { url } = JSON.parse(line) as { url: string } // the log line says it
    this.github.hooks.target = { url: `${url}/api/github/webhooks`, secret: this.github.app.webhookSecret }
    return Object.assign(web, { url })
  }

  async worker(env: Record<string, string> = {}): Promise<PlumblineProcess> {
    const worker = this.#run('src/worker.ts', env)
    await worker.line(/"msg":"working"/)
    return worker
  }

  #run(entry: string, env: Record<string, string> = {}): PlumblineProcess {
    const started = startProcess(entry, { ...this.#env, ...env })
    this.#processes.push(started)
    return started
  }

  /** Kills the workers and web processes that a test left behind. */
  async killAll(): Promise<void> {
    await Promise.all(this.#processes.splice(0).map((one) => one.kill9()))
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.#db.query<Row>(text, values)).rows
  }

  /** Newest first. */
  recordsOf(pull: PullRequest): Promise<ReviewRecord[]> {
    return this.query<ReviewRecord>(
      `select id::text as id, status, coverage, verdict, reason, error, attempts, crashes, head_sha,
         (select count(*)::int from findings f where f.review_id = r.id and not f.held_back) as findings,
         array(select key || ' ' || status from spans s where s.review_id = r.id order by s.id) as spans
       from reviews r where repository_id = $1 and number = $2 order by r.id desc`,
      [pull.repository.id, pull.number],
    )
  }

  /** A pull request with one added function, on a fresh repository. */
  async openPullRequest(): Promise<PullRequest> {
    const repository = await this.github.createRepository({ files: { 'src/cart.ts': cart } })
    return repository.openPullRequest({ title: 'Add discounts', files: { 'src/cart.ts': cart + discount } })
  }

  /** How many reviews are in each status. */
  async countByStatus(): Promise<Record<string, number>> {
    const rows = await this.query<{ status: string; count: number }>(
      'select status, count(*)::int as count from reviews group by status',
    )
    return Object.fromEntries(rows.map(({ count, status }) => [status, count]))
  }

  /** The workers that ended a review. */
  async workersOfReviews(): Promise<string[]> {
    return (await this.query<{ worker: string }>('select distinct worker from reviews')).map(({ worker }) => worker)
  }

  /** The same delivery three times: GitHub's Redeliver keeps the GUID. Answers the statuses. */
  async sendThrice(pull: PullRequest, action: string): Promise<number[]> {
    const guid = randomUUID()
    const payload = this.github.payloadFor(pull, action)
    const send = async (): Promise<number> =>
      (await this.github.hooks.send({ event: 'pull_request', guid, payload })).status
    return [await send(), await send(), await send()]
  }

  /** Comments of submitted reviews that do not stand on a line of the patch. */
  async commentsOffPatch(pull: PullRequest): Promise<unknown[]> {
    const files = await pull.filesAt(pull.headSha)
    const stands = (path: string, side: string, line: number): boolean =>
      commentableLines(files.find((file) => file.path === path)?.patch ?? '').some(
        (shown) => (side === 'RIGHT' ? shown.right : shown.left) === line,
      )
    const comments = this.github.reviewsOf(pull).flatMap((review) => review.comments)
    return comments.filter(({ line, path, side }) => !stands(path, side, line))
  }

  /** `status conclusion` of each check run at the head. */
  shownCheckRuns(pull: PullRequest): string[] {
    return this.github.checkRunsOf(pull.headSha).map((run) => `${run.status} ${run.conclusion ?? ''}`.trim())
  }

  /** What Redis holds of the queue. */
  async queueDepth(): Promise<{ length: number; pending: number }> {
    return this.#withRedis(async (redis) => {
      // XINFO GROUPS answers flat lists of names and values.
      const groups = (await redis.xinfo('GROUPS', '{q}:stream').catch(() => [])) as unknown[][]
      const pending = groups.map((group) => Number(group[group.indexOf('pending') + 1]))
      return { length: await redis.xlen('{q}:stream'), pending: pending.reduce((sum, one) => sum + one, 0) }
    })
  }

  flushRedis(): Promise<unknown> {
    return this.#withRedis((redis) => redis.flushall())
  }

  async #withRedis<T>(ask: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.redis.url)
    try {
      return await ask(redis)
    } finally {
      redis.disconnect()
    }
  }

  async close(): Promise<void> {
    await this.killAll()
    await Promise.all([this.#db.end(), this.github.close(), this.model.close(), this.redis.stop()])
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

const cart = `export interface Item {
  price: number
  count: number
}

export function total(items: Item[]): number {
  return items.reduce((sum, item) => sum + item.price * item.count, 0)
}
`

const discount = `
export function discounted(items: Item[], percent: number): number {
  for (let i = 0; i <= items.length; i++) items[i].price *= 1 - percent
  return total(items)
}
`
