// The command line. Talks to a running server over HTTP, or opens the store itself.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Config, ConfigError, loadEnvironment, readConfig } from './config.ts'
import { type ReviewAnswer, reviewText } from './dashboard/review-text.ts'
import { diagnose, formatDiagnoses } from './doctor.ts'
import { createPlumblineClient, isObject, type PlumblineClient, type StoredDelivery } from './http/client.ts'
import { createLog } from './log.ts'
import { followProxySettings } from './outbound-proxy.ts'
import { registerApp } from './set-up.ts'
import { openPostgres } from './store/database.ts'
import { migrate } from './store/migrate.ts'

const help = `Usage: npm run plumbline -- COMMAND

  review PR [--url URL]     have a pull request reviewed, follow the review and print it; where no server answers, it runs here
  replay FILE [--url URL]   sign a stored delivery anew, send it to a running server, follow the review and print it
  setup                     register a GitHub App from the browser, and keep its credentials in .env
  doctor [--json]           check every setting and everything they point to; exits with 1 when something must be mended
  migrate                   apply pending migrations to DATABASE_URL
  help                      this text

PR is the address of a pull request: https://github.com/owner/repo/pull/1. Where the App is not installed, the review is only
shown. FILE holds {"event": "pull_request", "payload": {…}}, as in test/fixtures/deliveries/. URL is that of a running server;
PLUMBLINE_URL without it, else HOST and PORT. Exits with 1 when something was wrong or the review has failed.
Settings come from the environment and from .env, as for the server.
`

/** Throws a sentence for people. */
async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { url: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  const [command = 'help', argument] = positionals
  if (command === 'help' || values.help) return console.log(help)
  followProxySettings(loadEnvironment())
  if (command === 'doctor') return examineEverything(values.json === true)
  const config = readConfig(loadEnvironment(), 'cli')
  if (command === 'setup') return registerApp(config)
  if (command === 'migrate') return applyMigrations(config)
  const url = values.url ?? config.plumblineUrl
  if (command === 'review') return review(needed(argument, command, 'the address of a pull request'), url, config)
  if (command !== 'replay') throw new Error(`There is no command "${command}".\n\n${help}`)
  const delivery = readDelivery(needed(argument, command, 'a file'))
  await replay(delivery, createPlumblineClient(url ?? localUrl(config), config.web.dashboardPassword), config)
}

function needed(argument: string | undefined, command: string, what: string): string {
  if (argument === undefined) throw new Error(`${command} needs ${what}.\n\n${help}`)
  return argument
}

const localUrl = ({ web }: Config): string => `http://${web.host}:${web.port}`

/** By the server that is named, or the one that answers on this machine; else by one that lives as long as the command. */
async function review(prUrl: string, url: string | undefined, config: Config): Promise<void> {
  const password = config.web.dashboardPassword
  const client = createPlumblineClient(url ?? localUrl(config), password)
  if (url !== undefined || (await client.isThere())) return requestAndFollow(prUrl, client)
  console.log(`No server answers at ${localUrl(config)}, so the review runs here.`)
  const { startHere } = await import('./start.ts')
  const here = await startHere()
  try {
    await requestAndFollow(prUrl, createPlumblineClient(here.url, password))
  } finally {
    await here.stop()
  }
}

async function requestAndFollow(prUrl: string, client: PlumblineClient): Promise<void> {
  console.log(reviewText(await follow(await client.requestReview(prUrl), client)))
}

async function examineEverything(json: boolean): Promise<void> {
  const diagnoses = await diagnose(loadEnvironment())
  console.log(json ? JSON.stringify(diagnoses, null, 2) : formatDiagnoses(diagnoses))
  if (diagnoses.some((one) => one.mark === 'fail')) process.exitCode = 1
}

async function applyMigrations(config: Config): Promise<void> {
  if (config.databaseUrl === undefined) throw new Error('DATABASE_URL is missing: there is nothing to migrate.')
  const log = createLog({ level: config.logLevel, secrets: config.secrets })
  const db = openPostgres({ url: config.databaseUrl, max: 1, statementTimeoutMs: 600_000, log })
  try {
    const applied = await migrate(db)
    console.log(applied.length === 0 ? 'Nothing to apply.' : `Applied ${applied.join(', ')}.`)
  } finally {
    await db.close()
  }
}

/** A fresh GUID each time: the old one would be known already and add nothing. */
function readDelivery(file: string): StoredDelivery {
  const stored: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (!isObject(stored) || typeof stored['event'] !== 'string' || !isObject(stored['payload']))
    throw new Error(`${file} does not hold {"event": …, "payload": {…}}.`)
  return { event: stored['event'], guid: randomUUID(), payload: stored['payload'] }
}

async function replay(delivery: StoredDelivery, client: PlumblineClient, config: Config): Promise<void> {
  const [secret] = config.webhookSecrets
  if (secret === undefined) throw new Error('WEBHOOK_SECRET is missing: the delivery is signed with it.')
  const { status, text } = await client.deliver(delivery, secret)
  console.log(`The webhook route answered ${status}.`)
  if (status !== 202) throw new Error(text)
  const id = await findReview(delivery, client)
  if (id === undefined)
    throw new Error('No review was recorded: the log of the web process says why the delivery was ignored.')
  console.log(reviewText(await follow(id, client)))
}

/** The newest review of the head that the delivery names. */
async function findReview({ payload }: StoredDelivery, client: PlumblineClient): Promise<string | undefined> {
  const repository = isObject(payload) && isObject(payload['repository']) ? payload['repository'] : {}
  const pull = isObject(payload) && isObject(payload['pull_request']) ? payload['pull_request'] : {}
  const head = isObject(pull['head']) ? pull['head']['sha'] : undefined
  const reviews = await client.listReviews(String(repository['full_name']))
  return reviews.find((review) => review['headSha'] === head && review['number'] === pull['number'])?.['id'] as
    | string
    | undefined
}

const live = ['queued', 'running', 'retrying']

/** Prints each change of the status until the review has ended. */
async function follow(id: string, client: PlumblineClient): Promise<ReviewAnswer> {
  for (let shown = ''; ;) {
    // What our own API answers; a server of another version prints less, and does no harm.
    const review = (await client.readReview(id)) as unknown as ReviewAnswer
    if (review.status !== shown)
      console.log(`Review ${id}: ${review.status}${review.error ? ` (${review.error})` : ''}`)
    shown = review.status
    if (review.status === 'failed') process.exitCode = 1
    const successor = review.status === 'superseded' ? await successorOf(review, client) : undefined
    if (successor !== undefined) return follow(successor, client)
    if (!live.includes(review.status)) return review
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

/** A stored delivery's head is seldom the one that GitHub has now: then the review of that one is the answer. */
async function successorOf(review: ReviewAnswer, client: PlumblineClient): Promise<string | undefined> {
  const reviews = await client.listReviews(`${review.owner}/${review.repo}`)
  const newer = reviews.find((one) => one['number'] === review.number && Number(one['id']) > Number(review.id))
  return newer === undefined ? undefined : String(newer['id'])
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
  console.error(
    error instanceof ConfigError ? error.message : `${error instanceof Error ? error.message : String(error)}${cause}`,
  )
  process.exitCode = 1
}
