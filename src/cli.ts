// The command line. Talks to a running server over HTTP, opens the store itself, or reviews on its own.
import { fileURLToPath } from 'node:url'
import { allowOnly, type Options, readArguments, UsageError } from './cli/arguments.ts'
import { describeError } from './cli/interruption.ts'
import { type Config, ConfigError, type Environment, loadEnvironment, readConfig } from './config.ts'
import { followProxySettings } from './outbound-proxy.ts'

const help = `Usage: npm run plumbline -- COMMAND

  review RANGE              review commits of a local repository before the push: main..HEAD
    [--dir DIR]               the repository; the folder where you are without it
    [--model NAME]            a model of OPENAI_BASE_URL, mock, mailbox:DIR, or none for the checks alone; OPENAI_MODEL without it
    [--verify-model NAME]     what it found is verified by this one; OPENAI_VERIFY_MODEL without it, else the same
    [--json | --sarif]        in another form than text
    [--fail-on LEVEL]         exit with 1 at critical, high, medium or low; or when something was not read: incomplete
    [--journal FILE]          keep finished steps, and go on from them
  review PR [--url URL]     have a pull request reviewed, follow the review and print it; where no server answers, it runs here
  eval DIR                  review the cases in DIR, whose problems are known, and report what was found
    [--model NAME] [--verify-model NAME] [--judge NAME] [--case ID] [--concurrency N]
    [--out RUN]               where results go; the same folder again goes on where it was
    [--replay RUN]            what was recorded there, without a model
  eval compare RUN RUN      two runs side by side
  replay FILE [--url URL]   sign a stored delivery anew, send it to a running server, follow the review and print it
  setup                     register a GitHub App from the browser, and keep its credentials in .env
  doctor [--json]           check every setting and everything they point to; exits with 1 when something must be mended
  migrate                   apply pending migrations to DATABASE_URL
  help                      this text

PR is the address of a pull request: https://github.com/owner/repo/pull/1. Where the App is not installed, the review is only
shown. FILE holds {"event": "pull_request", "payload": {…}}, as in test/fixtures/deliveries/. URL is that of a running server;
PLUMBLINE_URL without it, else HOST and PORT. Settings come from the environment and from .env, as for the server.
Exits with 0 when it was done, 1 when something was wrong, not reviewed, or met --fail-on, and 2 when something else must be typed.
`

type Command = (words: string[], options: Options, env: Environment) => Promise<0 | 1 | undefined>

/** Each imports its parts when it runs: a review in a terminal needs neither Octokit nor Postgres. */
const commands: Readonly<Record<string, Command>> = {
  review,
  async eval(words, options, env) {
    const { evaluate } = await import('./cli/evaluate.ts')
    return evaluate(words, options, env)
  },
  async replay([file], options, env) {
    const { replayDelivery } = await import('./cli/remote.ts')
    return replayDelivery(needed(file, 'replay needs a file.'), options, readConfig(env, 'cli'))
  },
  async setup(_, options, env) {
    allowOnly('setup', options, [])
    const { registerApp } = await import('./set-up.ts')
    await registerApp(readConfig(env, 'cli'))
  },
  async doctor(_, options, env) {
    allowOnly('doctor', options, ['json'])
    const { diagnose, formatDiagnoses } = await import('./doctor.ts')
    const diagnoses = await diagnose(env)
    console.log(options.json ? JSON.stringify(diagnoses, null, 2) : formatDiagnoses(diagnoses))
    return diagnoses.some((one) => one.mark === 'fail') ? 1 : 0
  },
  async migrate(_, options, env) {
    allowOnly('migrate', options, [])
    await applyMigrations(readConfig(env, 'cli'))
  },
}

async function review([what]: string[], options: Options, env: Environment): Promise<0 | 1> {
  const needs = 'review needs a range of commits, such as main..HEAD, or the address of a pull request.'
  const named = needed(what, needs)
  if (!isAddress(named)) {
    const { reviewRange } = await import('./cli/review-range.ts')
    return reviewRange(named, options, env)
  }
  const { reviewPullRequest } = await import('./cli/remote.ts')
  return reviewPullRequest(named, options, readConfig(env, 'cli'))
}

const isAddress = (word = ''): boolean => /^https?:\/\//.test(word)

/**
 * Where a local repository is reviewed, the settings are those beside Plumbline: an `.env` where the command was typed may belong
 * to that repository, and would say where its code and our key are sent.
 */
function environmentFor(name: string, [first]: string[]): Environment {
  const isLocal = name === 'eval' || (name === 'review' && !isAddress(first))
  return isLocal ? loadEnvironment(fileURLToPath(new URL('../.env', import.meta.url))) : loadEnvironment()
}

function needed(argument: string | undefined, sentence: string): string {
  if (argument === undefined) throw new UsageError(`${sentence}\n\n${help}`)
  return argument
}

async function applyMigrations(config: Config): Promise<void> {
  if (config.databaseUrl === undefined) throw new Error('DATABASE_URL is missing: there is nothing to migrate.')
  const [{ createLog }, { openPostgres }, { migrate }] = await Promise.all([
    import('./log.ts'),
    import('./store/database.ts'),
    import('./store/migrate.ts'),
  ])
  const log = createLog({ level: config.logLevel, secrets: config.secrets })
  const db = openPostgres({ url: config.databaseUrl, max: 1, statementTimeoutMs: 600_000, log })
  try {
    const applied = await migrate(db)
    console.log(applied.length === 0 ? 'Nothing to apply.' : `Applied ${applied.join(', ')}.`)
  } finally {
    await db.close()
  }
}

async function run(args: string[]): Promise<0 | 1> {
  const { positionals, values } = readArguments(args)
  const [name = 'help', ...words] = positionals
  if (name === 'help' || values.help) {
    console.log(help)
    return 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw new UsageError(`There is no command "${name}".\n\n${help}`)
  const env = environmentFor(name, words)
  followProxySettings(env)
  return (await command(words, values, env)) ?? 0
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  const isComplete = error instanceof ConfigError || error instanceof UsageError
  console.error(isComplete ? error.message : describeError(error))
  process.exitCode = error instanceof UsageError ? 2 : 1
}
