import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError, type Environment, loadEnvironment, readConfig } from '../src/config.ts'

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString()
const folder = mkdtempSync(join(tmpdir(), 'plumbline-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

const good = {
  APP_ID: '123456',
  PRIVATE_KEY: pem,
  WEBHOOK_SECRET: 'a-secret-of-a-good-length',
  DATABASE_URL: 'postgres://plumbline:hunter2hunter2@db.internal/plumbline',
  REDIS_URL: 'redis://127.0.0.1:6379',
}

function mistakesOf(env: Environment, needs: 'web' | 'worker' | 'cli' = 'web'): readonly string[] {
  try {
    readConfig(env, needs)
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
  return []
}

describe('what is missing', () => {
  test('an empty environment is told everything that the web process needs, at once', () => {
    const mistakes = mistakesOf({})

    expect(mistakes.map((one) => one.split(' ').slice(0, 3).join(' '))).toEqual([
      'APP_ID is missing.',
      'PRIVATE_KEY is missing.',
      'WEBHOOK_SECRET is missing.',
      'DATABASE_URL is missing.',
      'REDIS_URL is missing.',
    ])
    expect(mistakes[2]).toContain('openssl rand -hex 32')
  })

  test('a worker needs no webhook secret', () => {
    const { WEBHOOK_SECRET: _, ...env } = good

    expect(mistakesOf(env, 'worker')).toEqual([])
    expect(mistakesOf(env, 'web')).toHaveLength(1)
  })

  test('the command line needs nothing, but what is set must be right', () => {
    expect(mistakesOf({}, 'cli')).toEqual([])
    expect(mistakesOf({ PORT: 'eighty', WEBHOOK_SECRET: 'short' }, 'cli')).toHaveLength(2)
  })

  test('an empty variable counts as not set', () => {
    expect(mistakesOf({ ...good, APP_ID: '', PORT: ' ' })).toEqual([expect.stringContaining('APP_ID is missing')])
  })
})

describe('what is wrong', () => {
  test.each([
    ['APP_ID', '12a', 'whole number'],
    ['APP_ID', '0', 'whole number'],
    ['PRIVATE_KEY', 'not a key', 'no RSA private key'],
    ['PRIVATE_KEY', pem.slice(0, 300), 'no RSA private key'],
    ['WEBHOOK_SECRET', 'development', 'everybody knows'],
    ['WEBHOOK_SECRET', 'fifteen-bytes-x', 'shorter than 16 bytes'],
    ['WEBHOOK_SECRET_PREVIOUS', 'short', 'shorter than 16 bytes'],
    ['WEBHOOK_PROXY_URL', 'smee.io/abc', 'not a URL'],
    ['GITHUB_API_URL', 'ftp://github.example.com', 'not a URL'],
    ['GITHUB_API_URL', 'https://user:pass@github.example.com', 'not a URL'],
    ['GITHUB_SERVER_URL', 'github.com', 'not a URL'],
    ['DATABASE_URL', 'mysql://localhost/x', 'postgres://'],
    ['REDIS_URL', 'localhost:6379', 'redis://'],
    ['OPENAI_BASE_URL', 'localhost', 'not a URL'],
    ['PUBLIC_URL', 'reviews.example.com', 'not a URL'],
    ['PORT', '65536', 'from 0 to 65535'],
    ['PORT', '-1', 'from 0 to 65535'],
    ['LOG_LEVEL', 'loud', 'one of'],
    ['DASHBOARD_PASSWORD', 'swordfish', 'shorter than 12 bytes'],
    ['SESSION_SECRET', 'short', 'shorter than 16 bytes'],
    ['WORKER_CONCURRENCY', '0', 'from 1'],
    ['LEASE_MS', '1e4', 'whole number'],
    ['MAX_ATTEMPTS', '0', 'from 1'],
    ['MAX_CRASHES', '5.5', 'whole number'],
    ['SHUTDOWN_GRACE_MS', '8s', 'whole number'],
    ['GATHER_MS', '-5', 'whole number'],
    ['MIRROR_MAX_BYTES', '2G', 'whole number'],
    ['READ_LAG_MS', 'x', 'whole number'],
    ['CATCHUP_HOURS', '3d', 'whole number'],
    ['RETENTION_DAYS', '-1', 'whole number'],
  ])('%s=%s is refused by name', (name, value, words) => {
    const mistakes = mistakesOf({ ...good, [name]: value })

    expect(mistakes).toHaveLength(1)
    expect(mistakes[0]).toMatch(new RegExp(`^${name} `))
    expect(mistakes[0]).toContain(words)
  })

  test('all mistakes are in one message, one line each', () => {
    const env = { ...good, PORT: 'x', LEASE_MS: 'y', WEBHOOK_SECRET: 'development', OPENAI_MODLE: 'z' }

    expect(() => readConfig(env, 'web')).toThrow(/^Plumbline cannot start with this configuration:\n(- .*\n){3}- .*$/)
  })

  test('no message holds a value, wherever it was pasted', () => {
    const planted = 'ghp_plantedplantedplantedplantedplanted1'
    const names = Object.keys(parseEnv(readFileSync('.env.example', 'utf8').replaceAll('\n#', '\n')))
    const env = Object.fromEntries(names.map((name) => [name, planted]))

    const mistakes = mistakesOf({ ...env, PRIVATE_KEY: planted })

    expect(mistakes.length).toBeGreaterThan(15)
    expect(mistakes.join()).not.toContain('planted')
  })

  test('a private key file that is not there is told with the reason', () => {
    const { PRIVATE_KEY: _, ...env } = good

    expect(mistakesOf({ ...env, PRIVATE_KEY_PATH: join(folder, 'none.pem') })).toEqual([
      expect.stringMatching(/^PRIVATE_KEY_PATH cannot be read \(ENOENT\)/),
    ])
  })

  test('a model on api.openai.com needs a key, one elsewhere does not', () => {
    const local = { ...good, OPENAI_MODEL: 'some-model', OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1' }

    expect(mistakesOf({ ...good, OPENAI_MODEL: 'some-model' })).toEqual([expect.stringMatching(/^OPENAI_API_KEY /)])
    expect(mistakesOf(local)).toEqual([])
  })

  test('REDIS_URL and VALKEY_URL may be the same, and may not differ', () => {
    expect(mistakesOf({ ...good, VALKEY_URL: good.REDIS_URL })).toEqual([])
    expect(mistakesOf({ ...good, VALKEY_URL: 'redis://elsewhere:1' })).toEqual([expect.stringContaining('differ')])
  })
})

describe('names that mean nothing', () => {
  test.each([
    ['WEBHOK_SECRET', 'WEBHOOK_SECRET'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['OPENAI_MODLE', 'OPENAI_MODEL'],
    ['REDIS_URI', 'REDIS_URL'],
    ['APPID', 'APP_ID'],
    ['APP_IDS', 'APP_ID'],
    ['MAX_ATEMPTS', 'MAX_ATTEMPTS'],
    ['database_url', 'DATABASE_URL'],
  ])('%s is taken for a mistaken %s', (name, meant) => {
    expect(mistakesOf({ ...good, [name]: 'x' })).toEqual([`${name} means nothing to Plumbline. Did you mean ${meant}?`])
  })

  test.each(['WEBHOOK_SEED', 'OPENAI_TEMPERATURE', 'BUDGET_USD_PER_YEAR', 'WORKER_THREADS_PER_CORE'])(
    '%s has a prefix of ours and is refused',
    (name) => {
      expect(mistakesOf({ ...good, [name]: 'x' })).toEqual([expect.stringMatching(`^${name} means nothing`)])
    },
  )

  test('what systems, CI and container platforms set is left alone', () => {
    const names =
      'HOME PATH PWD USER LANG TERM SHELL SHLVL HOSTNAME HOSTTYPE LOGNAME MAIL EDITOR TMPDIR TZ CI _ NODE_ENV NODE_OPTIONS ' +
      'GITHUB_ACTIONS GITHUB_SHA GITHUB_REF GITHUB_TOKEN GITHUB_REPOSITORY GITHUB_GRAPHQL_URL GITHUB_ACTION_PATH ' +
      'HTTPS_PROXY NO_PROXY npm_config_cache INIT_CWD OLDPWD LS_COLORS REDIS_PORT REDIS_SERVICE_HOST WORKER_PORT ' +
      'WORKER_SERVICE_PORT WEBHOOK_PORT_80_TCP_ADDR OPENAI_ORG_ID OPENAI_PROJECT_ID POSTGRES_PASSWORD PGHOST'
    const env = Object.fromEntries(names.split(' ').map((name) => [name, 'x']))

    expect(mistakesOf({ ...env, ...good })).toEqual([])
  })

  test('a variable of a part that is not built in yet is no mistake, but is told', () => {
    const later = 'BUDGET_USD_PER_DAY MODELS_ALLOWED'
    const env = Object.fromEntries(later.split(' ').map((name) => [name, '1']))

    expect(mistakesOf({ ...good, ...env })).toEqual([])
    expect(readConfig({ ...good, ...env, BUDGET_USD_PER_MONTH: '' }, 'web').warnings).toEqual([
      'MODELS_ALLOWED has no effect in this version.',
      'BUDGET_USD_PER_DAY has no effect in this version.',
    ])
  })
})

describe('what is right', () => {
  test('defaults', () => {
    const config = readConfig(good, 'web')

    expect(config).toMatchObject({
      app: { id: 123456, privateKey: pem.trim() },
      webhookSecrets: [good.WEBHOOK_SECRET],
      githubApiUrl: 'https://api.github.com',
      githubServerUrl: 'https://github.com',
      model: undefined,
      web: { port: 3000, host: '127.0.0.1', publicUrl: undefined, dashboardPassword: undefined },
      worker: {
        concurrency: 4,
        leaseMs: 30_000,
        maxAttempts: 5,
        maxCrashes: 3,
        gatherMs: 3000,
        mirrorMaxBytes: 2_147_483_648,
        writes: { perMinute: 60, perHour: 400 },
        readLagMs: 10_000,
        catchupHours: 72,
        retentionDays: 30,
      },
      logLevel: 'info',
      warnings: [],
    })
  })

  test('the current secret comes before the previous one', () => {
    const config = readConfig({ ...good, WEBHOOK_SECRET_PREVIOUS: 'the-one-of-last-year' }, 'web')

    expect(config.webhookSecrets).toEqual([good.WEBHOOK_SECRET, 'the-one-of-last-year'])
  })

  test.each([
    ['with real line breaks', pem],
    ['with line breaks written as \\n', pem.replaceAll('\n', '\\n')],
    ['in base64', Buffer.from(pem).toString('base64')],
  ])('a private key %s is accepted', (_, value) => {
    const config = readConfig({ ...good, PRIVATE_KEY: value }, 'web')

    expect(config.app.privateKey.trim()).toBe(pem.trim())
  })

  test('a private key may stand in a file', () => {
    const { PRIVATE_KEY: _, ...env } = good
    writeFileSync(join(folder, 'app.pem'), pem)

    const config = readConfig({ ...env, PRIVATE_KEY_PATH: join(folder, 'app.pem') }, 'worker')

    expect(config.app.privateKey).toBe(pem)
  })

  test('URLs lose their last slash, and Valkey is spoken to as Redis', () => {
    const { REDIS_URL: _, ...env } = good

    const config = readConfig(
      { ...env, VALKEY_URL: 'valkeys://cache:6379', PUBLIC_URL: 'https://reviews.example.com/' },
      'web',
    )

    expect(config.redisUrl).toBe('rediss://cache:6379')
    expect(config.web.publicUrl).toBe('https://reviews.example.com')
  })

  test('http that leaves the machine is a warning, on loopback it is not', () => {
    const near = readConfig({ ...good, OPENAI_BASE_URL: 'http://localhost:8000/v1' }, 'worker')
    const far = readConfig({ ...good, OPENAI_BASE_URL: 'http://10.0.0.8:8000/v1' }, 'worker')

    expect(near.warnings).toEqual([])
    expect(far.warnings).toEqual([expect.stringMatching(/^OPENAI_BASE_URL is http/)])
  })

  test('everything secret is listed for the log to hide', () => {
    const config = readConfig({ ...good, DASHBOARD_PASSWORD: 'correct horse battery' }, 'web')

    expect(config.secrets).toEqual(
      expect.arrayContaining([good.WEBHOOK_SECRET, 'correct horse battery', good.DATABASE_URL]),
    )
  })

  test('the example file as it is lacks only the App', () => {
    const env = parseEnv(readFileSync('.env.example', 'utf8'))

    expect(mistakesOf(env).map((one) => one.split(' ')[0])).toEqual(['APP_ID', 'PRIVATE_KEY', 'WEBHOOK_SECRET'])
  })
})

describe('the file .env', () => {
  test('the real environment wins over the file', () => {
    const file = join(folder, '.env')
    writeFileSync(file, 'PATH=from-the-file\nPLUMBLINE_TEST_ONLY="from the file"\n')

    const env = loadEnvironment(file)

    expect(env['PATH']).toBe(process.env['PATH'])
    expect(env['PLUMBLINE_TEST_ONLY']).toBe('from the file')
    expect(process.env['PLUMBLINE_TEST_ONLY']).toBeUndefined()
  })

  test('no file is no mistake', () => {
    expect(loadEnvironment(join(folder, 'none'))['PATH']).toBe(process.env['PATH'])
  })
})

describe('the mock model', () => {
  test('is refused beside App credentials', () => {
    const mistakes = mistakesOf({ ...good, OPENAI_MODEL: 'mock' })

    expect(mistakes).toEqual([expect.stringMatching(/^OPENAI_MODEL is "mock".*ALLOW_MOCK=1/)])
  })

  test('is taken beside App credentials when that is allowed', () => {
    const config = readConfig({ ...good, OPENAI_MODEL: 'mock', ALLOW_MOCK: '1' }, 'web')

    expect(config.model?.model).toBe('mock')
  })

  test('needs neither key nor address', () => {
    const config = readConfig({ OPENAI_MODEL: 'mock' }, 'cli')

    expect(config.model).toMatchObject({ model: 'mock', apiKey: undefined })
  })
})
