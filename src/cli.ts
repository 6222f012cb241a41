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

  replay FILE [--url URL]   sign a stored delivery anew, send it to a running server, follow the review and print it
  setup                     register a GitHub App from the browser, and keep its credentials in .env
  doctor [--json]           check every setting and everything they point to; exits with 1 when something must be mended
  migrate                   apply pending migrations to DATABASE_URL
  help                      this text

FILE holds {"event": "pull_request", "payload": {…}}, as in test/fixtures/deliveries/.
Settings come from the environment and from .env, as for the server.
`

/** Throws a sentence for people. */
async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { url: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  const [command = 'help', file] = positionals
  if (command === 'help' || values.help) return console.log(help)
  followProxySettings(loadEnvironment())
  if (command === 'doctor') return examineEverything(values.json === true)
  const config = readConfig(loadEnvironment(), 'cli')
  if (command === 'setup') return registerApp(config)
  if (command === 'migrate') return applyMigrations(config)
  if (command !== 'replay') throw new Error(`There is no command "${command}".\n\n${help}`)
  if (file === undefined) throw new Error(`replay needs a file.\n\n${help}`)
  const url = values.url ?? `http://${config.web.host}:${config.web.port}`
  await replay(readDelivery(file), createPlumblineClient(url, config.web.dashboardPassword), config)
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
    if (!live.includes(review.status)) return review
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
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
