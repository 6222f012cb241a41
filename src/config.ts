// The environment, read once. The only file that looks at `process.env`.
//
// What must always hold: every mistake is reported at once, by name, before anything starts; and no value is ever part of
// a message, because anything may have been pasted into the wrong variable.
import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { type ModelConfig, readModel } from './config-model.ts'
import { type ConfigValues, createConfigValues, readPrivateKey, readRedisUrl } from './config-values.ts'
import { knownVariables, unknownVariables, type VariableName, withoutEffect } from './known-variables.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface AppCredentials {
  id: number
  /** PEM, with real line breaks. */
  privateKey: string
}

export interface WebConfig {
  /** 0 lets the system choose. */
  port: number
  host: string
  /** Without a slash at its end. */
  publicUrl: string | undefined
  dashboardPassword: string | undefined
  sessionSecret: string | undefined
}

export interface WorkerConfig {
  concurrency: number
  leaseMs: number
  maxAttempts: number
  maxCrashes: number
  shutdownGraceMs: number
  gatherMs: number
  mirrorMaxBytes: number
  /** Content written to GitHub for one installation, by all workers together. */
  writes: { perMinute: number; perHour: number }
  readLagMs: number
  /** How old the head of an open pull request may be that no delivery told of; 0: all are only listed. */
  catchupHours: number
  /** How long prompts and code of a review are kept after its end. */
  retentionDays: number
}

export interface Config {
  app: AppCredentials | undefined
  /** The current secret, then the previous one. Empty when none is set. */
  webhookSecrets: string[]
  webhookProxyUrl: string | undefined
  githubApiUrl: string
  githubServerUrl: string
  /** Where repositories of installations are fetched from; `undefined` where nothing speaks git: the sample's stand-in. */
  gitServerUrl: string | undefined
  /** `githubApiUrl`, also where the sample's stand-in has taken its place. For repositories where the App is not installed. */
  publicApiUrl: string
  githubToken: string | undefined
  databaseUrl: string | undefined
  redisUrl: string | undefined
  /** The folder of the embedded default. */
  dataDir: string
  /** `undefined`: no model is configured. */
  model: ModelConfig | undefined
  web: WebConfig
  /** For the command line. Without a slash at its end. */
  plumblineUrl: string | undefined
  worker: WorkerConfig
  logLevel: string
  /** Never to be seen in a log. */
  secrets: string[]
  /** Sentences for the operator. Nothing that keeps us from starting. */
  warnings: string[]
}

/** GitHub can be asked: the real one, or the demo's. */
export interface ReadyConfig extends Config {
  app: AppCredentials
}

/** A process that serves or works on its own has all of these. */
export interface ServerConfig extends ReadyConfig {
  databaseUrl: string
  redisUrl: string
}

/**
 * `web` receives deliveries, so it needs the webhook secret. `start` brings what is not set, but an App is whole or not there.
 * `cli` needs nothing, but what is set must be right.
 */
export type Needs = 'web' | 'worker' | 'start' | 'cli'

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly mistakes: readonly string[]
  constructor(mistakes: readonly string[]) {
    super(`Plumbline cannot start with this configuration:\n${mistakes.map((one) => `- ${one}`).join('\n')}`)
    this.mistakes = mistakes
  }
}

/** The process's environment over the file `.env` of the working directory, if there is one. */
export function loadEnvironment(file = '.env'): Environment {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  return { ...parseEnv(text), ...process.env }
}

/** Throws a `ConfigError` that lists every mistake. A `ServerConfig` is complete because `missing` is asked before it is answered. */
export function readConfig(env: Environment, needs: 'web' | 'worker'): ServerConfig
export function readConfig(env: Environment, needs: Needs): Config
export function readConfig(env: Environment, needs: Needs): Config {
  const values = createConfigValues(env)
  const apiUrl = values.url('GITHUB_API_URL') ?? 'https://api.github.com'
  const serverUrl = values.url('GITHUB_SERVER_URL') ?? 'https://github.com'
  const config: Config = {
    app: readApp(values),
    webhookSecrets: [values.secret('WEBHOOK_SECRET'), values.secret('WEBHOOK_SECRET_PREVIOUS')].filter(isSet),
    webhookProxyUrl: values.url('WEBHOOK_PROXY_URL'),
    githubApiUrl: apiUrl,
    githubServerUrl: serverUrl,
    gitServerUrl: serverUrl,
    publicApiUrl: apiUrl,
    githubToken: values.text('GITHUB_TOKEN'),
    databaseUrl: values.url('DATABASE_URL', ['postgres:', 'postgresql:']),
    redisUrl: readRedisUrl(values),
    dataDir: values.text('DATA_DIR') ?? '.data',
    model: readModel(values, needs === 'cli'),
    web: readWeb(values),
    plumblineUrl: values.url('PLUMBLINE_URL'),
    worker: readWorker(values),
    logLevel:
      values.oneOf('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']) ??
      (needs === 'start' ? 'warn' : 'info'),
    secrets: secretVariables.map((name) => values.text(name)).filter(isSet),
    warnings: [
      ...values.warnings,
      ...withoutEffect.filter((name) => isSet(env[name])).map((name) => `${name} has no effect in this version.`),
    ],
  }
  values.mistakes.push(...missing(needs, values), ...unknown(env))
  if (values.mistakes.length > 0) throw new ConfigError(values.mistakes)
  return config
}

const secretVariables: VariableName[] = [
  'PRIVATE_KEY',
  'WEBHOOK_SECRET',
  'WEBHOOK_SECRET_PREVIOUS',
  'GITHUB_TOKEN',
  'DATABASE_URL',
  'REDIS_URL',
  'VALKEY_URL',
  'OPENAI_API_KEY',
  'DASHBOARD_PASSWORD',
  'SESSION_SECRET',
]

function readApp(values: ConfigValues): AppCredentials | undefined {
  const id = values.integer('APP_ID', [1, Number.MAX_SAFE_INTEGER])
  const privateKey = readPrivateKey(values)
  return id === undefined || privateKey === undefined ? undefined : { id, privateKey }
}

function readWeb(values: ConfigValues): WebConfig {
  return {
    port: values.integer('PORT', [0, 65_535]) ?? 3000,
    host: values.text('HOST') ?? '127.0.0.1',
    publicUrl: values.url('PUBLIC_URL'),
    dashboardPassword: values.secret('DASHBOARD_PASSWORD', 12),
    sessionSecret: values.secret('SESSION_SECRET'),
  }
}

function readWorker(values: ConfigValues): WorkerConfig {
  return {
    concurrency: values.integer('WORKER_CONCURRENCY', [1, 256]) ?? 4,
    leaseMs: values.integer('LEASE_MS', [500, 3_600_000]) ?? 30_000,
    maxAttempts: values.integer('MAX_ATTEMPTS', [1, 100]) ?? 5,
    maxCrashes: values.integer('MAX_CRASHES', [1, 100]) ?? 3,
    shutdownGraceMs: values.integer('SHUTDOWN_GRACE_MS', [0, 3_600_000]) ?? 8000,
    gatherMs: values.integer('GATHER_MS', [0, 600_000]) ?? 3000,
    mirrorMaxBytes: values.integer('MIRROR_MAX_BYTES', [0, 1e14]) ?? 2 ** 31,
    writes: {
      perMinute: values.integer('GITHUB_WRITES_PER_MINUTE', [1, 1_000_000]) ?? 60,
      perHour: values.integer('GITHUB_WRITES_PER_HOUR', [1, 1_000_000]) ?? 400,
    },
    readLagMs: values.integer('READ_LAG_MS', [0, 600_000]) ?? 10_000,
    catchupHours: values.integer('CATCHUP_HOURS', [0, 8760]) ?? 72,
    retentionDays: values.integer('RETENTION_DAYS', [0, 36_500]) ?? 30,
  }
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== ''

function unknown(env: Environment): string[] {
  return unknownVariables(Object.keys(env)).map(({ name, meant }) => {
    if (meant === undefined)
      return `${name} means nothing to Plumbline. Remove it, or look its name up in .env.example.`
    return `${name} means nothing to Plumbline. Did you mean ${meant}?`
  })
}

/** Says nothing of a variable that is set but wrong: that mistake is on the list already. */
function missing(needs: Needs, values: ConfigValues): string[] {
  if (needs === 'cli') return []
  const app: VariableName[][] = [['APP_ID'], ['PRIVATE_KEY', 'PRIVATE_KEY_PATH']]
  const secret: VariableName[][] = [['WEBHOOK_SECRET']]
  const servers: VariableName[][] = [['DATABASE_URL'], ['REDIS_URL', 'VALKEY_URL']]
  const hasNoApp = [...app, ...secret].flat().every((name) => values.text(name) === undefined)
  const wanted = {
    web: [...app, ...secret, ...servers],
    worker: [...app, ...servers],
    start: hasNoApp ? [] : [...app, ...secret],
  }
  return wanted[needs]
    .filter((names) => names.every((name) => values.text(name) === undefined))
    .flatMap(([name]) => (name === undefined ? [] : [`${name} is missing. ${knownVariables[name]}`]))
}
