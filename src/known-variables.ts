// Every environment variable that Plumbline has a meaning for, and what is told to whoever got one wrong.

/** Name → what it is and how to get it. */
export const knownVariables = {
  APP_ID: 'It is the number called "App ID" on the GitHub App\'s settings page.',
  PRIVATE_KEY: 'Generate one on the GitHub App\'s settings page ("Private keys"); line breaks may be written as \\n.',
  PRIVATE_KEY_PATH: 'It is the path of the .pem file that the GitHub App\'s settings page gave you ("Private keys").',
  WEBHOOK_SECRET: "Make one with `openssl rand -hex 32`, and set the same on the GitHub App's settings page.",
  WEBHOOK_SECRET_PREVIOUS: 'It is the secret that was used before; leave it out when none is being replaced.',
  WEBHOOK_PROXY_URL: 'It is a smee.io channel, for development only: https://smee.io/new gives one.',
  GITHUB_API_URL: 'Leave it out for github.com; GitHub Enterprise Server has https://HOST/api/v3.',
  GITHUB_SERVER_URL: 'Leave it out for github.com; GitHub Enterprise Server has https://HOST.',
  GITHUB_TOKEN: 'It is any token, for reading pull requests where the App is not installed; it needs no permission.',
  DATABASE_URL: 'It looks like postgres://user:password@host:5432/database.',
  REDIS_URL: 'It looks like redis://host:6379, or rediss:// for TLS.',
  VALKEY_URL: 'It is another name for REDIS_URL.',
  DATA_DIR: 'It is the folder of the embedded default and of mirrors; .data without it.',
  OPENAI_API_KEY: 'Get one from whoever runs the model; servers of your own often need none.',
  OPENAI_BASE_URL: 'It is where an OpenAI-compatible server answers, for example http://127.0.0.1:8000/v1.',
  PRICES_FILE:
    'It is the path of a JSON file: {"model": {"input": 2.5, "output": 10}}, in US dollars per million tokens.',
  OPENAI_TIMEOUT_MS: 'It is how long one answer of the model may take, in milliseconds.',
  OPENAI_MODEL: 'It is the name of the model as the server knows it; without one nothing is asked of a model.',
  OPENAI_VERIFY_MODEL: 'It is the model that tries to refute what OPENAI_MODEL found; the same one without it.',
  ALLOW_MOCK: 'It is 1 to let the mock model review beside App credentials; leave it out otherwise.',
  PORT: 'It is the port of the web process; 3000 without it.',
  HOST: 'It is the address the web process listens on; 127.0.0.1 without it.',
  PUBLIC_URL: 'It is where people reach the dashboard, for example https://reviews.example.com.',
  PLUMBLINE_URL: 'It is where the command line finds a running server; HOST and PORT without it.',
  LOG_LEVEL: 'It is how much is logged; info without it.',
  DASHBOARD_PASSWORD: 'Make one with `openssl rand -hex 16`; it has at least 12 characters.',
  SESSION_SECRET: 'Make one with `openssl rand -hex 32`, or leave it out.',
  WORKER_CONCURRENCY: 'It is how many reviews one worker runs at once; 4 without it.',
  LEASE_MS: 'It is how long a worker may be silent before its reviews are taken over; 30000 without it.',
  MAX_ATTEMPTS: 'It is how many errors a review may meet before it has failed; 5 without it.',
  MAX_CRASHES: 'It is how many workers may die over a review before it has failed; 3 without it.',
  SHUTDOWN_GRACE_MS: 'It is how long a stopping worker may finish what it runs; 8000 without it.',
  GATHER_MS: 'It is how long a push waits for the next one; 3000 without it.',
  // The newest 200 generations of most repositories take less than 100 MB; the rest is for one large one among them.
  MIRROR_MAX_BYTES:
    'It is how much room the mirrors of all repositories may take below DATA_DIR; 2147483648 without it, 0 for none.',
  READ_LAG_MS: "It is how long GitHub's lists may lag behind its writes; 10000 without it.",
  GITHUB_WRITES_PER_MINUTE:
    'It is how much is posted for one installation in a minute, check runs included; 60 without it.',
  GITHUB_WRITES_PER_HOUR: 'It is the same for an hour; 400 without it.',
  CATCHUP_HOURS:
    'It is how old an open pull request may be that no delivery told of and that is reviewed all the same; 72 without it, 0 for none.',
  RETENTION_DAYS: 'It is how long prompts and code are kept after a review; 30 without it, 0 drops them at its end.',
} as const

export type VariableName = keyof typeof knownVariables

/** Of parts that are not built in yet. Setting them is no mistake, but whoever sets a budget must hear that there is none. */
export const withoutEffect: readonly string[] = (
  'OPENAI_FALLBACK_MODEL MODELS_ALLOWED ' +
  'BUDGET_USD_PER_REVIEW BUDGET_USD_PER_DAY BUDGET_USD_PER_MONTH REVIEWS_PER_AUTHOR_DAY ' +
  'OTEL_EXPORTER_OTLP_ENDPOINT'
).split(' ')

const allNames: readonly string[] = [...Object.keys(knownVariables), ...withoutEffect]

/** Nobody else's variables start like this. `GITHUB_` is not here: GitHub Actions sets dozens of them. */
const ourPrefixes = ['WEBHOOK_', 'PRIVATE_KEY', 'OPENAI_', 'DASHBOARD_', 'BUDGET_USD', 'WORKER_', 'GITHUB_WRITES_']

/** Read by the `openai` package itself. */
const foreign = /^OPENAI_(ORG_ID|PROJECT_ID|ADMIN_KEY|WEBHOOK_SECRET|LOG|CUSTOM_HEADERS|API_VERSION)$/
/** Kubernetes and Docker set these for a service that is called `worker` or `webhook`. */
const serviceLink = /_(SERVICE_(HOST|PORT.*)|PORT(_\d+_(TCP|UDP).*)?)$/

/** Names that look as if they were meant for us, but mean nothing; each with the known name that is nearest, if one is near. */
export function unknownVariables(names: readonly string[]): { name: string; meant: string | undefined }[] {
  return names
    .filter((name) => !allNames.includes(name) && !foreign.test(name) && !serviceLink.test(name))
    .map((name) => ({ name, meant: allNames.find((known) => isNear(name, known)) }))
    .filter(({ name, meant }) => meant !== undefined || ourPrefixes.some((prefix) => name.startsWith(prefix)))
}

/** Within two edits; one for short names, or `HOME` would be a mistaken `HOST`. */
function isNear(name: string, known: string): boolean {
  const allowed = known.length < 8 ? 1 : 2
  return Math.abs(name.length - known.length) <= allowed && edits(name.toUpperCase(), known) <= allowed
}

/** Levenshtein distance: letters added, removed or replaced. */
function edits(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [row, letter] of [...from].entries()) {
    const line = [row + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (above[column] ?? 0) + (letter === other ? 0 : 1)
      line.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (line[column] ?? 0) + 1))
    }
    above = line
  }
  return above[to.length] ?? 0
}
