// `plumbline doctor`, as an operator runs it.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { diagnose, type Diagnosis } from '../src/doctor.ts'
import { type GitHubStandIn, startGitHub } from './support/github/github.ts'
import { type ModelStandIn, startModel } from './support/model/model.ts'
import { type PrivateRedis, startRedis, testDatabaseUrl } from './support/real.ts'

let github: GitHubStandIn
let model: ModelStandIn
let redis: PrivateRedis
let env: Record<string, string>

const folder = mkdtempSync(join(tmpdir(), 'plumbline-doctor-'))
const prices = join(folder, 'prices.json')
writeFileSync(prices, '{"stand-in": {"input": 1, "output": 4}}')

beforeAll(async () => {
  redis = await startRedis({ appendfsync: 'everysec' })
})
afterAll(async () => {
  await redis.stop()
  rmSync(folder, { recursive: true })
})

beforeEach(async () => {
  github = await startGitHub()
  model = await startModel(() => ({ kind: 'text', text: '{"ready": true}' }))
  onTestFinished(async () => {
    expect(github.violations).toEqual([])
    await Promise.all([github.close(), model.close()])
  })
  await github.createRepository()
  const url = 'http://127.0.0.1:3000/api/github/webhooks'
  github.hooks.target = { url, secret: github.app.webhookSecret }
  env = {
    APP_ID: String(github.app.id),
    PRIVATE_KEY: github.app.privateKey,
    WEBHOOK_SECRET: github.app.webhookSecret,
    GITHUB_API_URL: github.url,
    GITHUB_SERVER_URL: github.url,
    DATABASE_URL: await testDatabaseUrl(),
    REDIS_URL: redis.url,
    OPENAI_BASE_URL: model.url,
    PRICES_FILE: prices,
    OPENAI_MODEL: 'stand-in',
    PUBLIC_URL: 'http://127.0.0.1:3000',
  }
})

/** What is not in order. */
async function complaints(): Promise<Diagnosis[]> {
  return (await diagnose(env)).filter((one) => one.mark !== 'ok')
}

async function runDoctor(args: string[], given: Record<string, string>): Promise<{ code: number; stdout: string }> {
  const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
  const options = { cwd: folder, env: { PATH: process.env['PATH'] ?? '', ...given } }
  return promisify(execFile)(process.execPath, [cli, 'doctor', ...args], options).then(
    ({ stdout }) => ({ code: 0, stdout }),
    // A child that exits with a code above 0 rejects with both.
    (error: { code: number; stdout: string }) => ({ code: error.code, stdout: error.stdout }),
  )
}

describe('the command', () => {
  test('with nothing set, it names everything that is missing with how to get it, and exits with 1', async () => {
    const { code, stdout } = await runDoctor([], {})

    expect(code).toBe(1)
    expect(stdout).toMatch(/^FAIL {2}settings: APP_ID is missing\.\n {6}→ It is the number called "App ID"/)
    for (const name of ['PRIVATE_KEY', 'WEBHOOK_SECRET'])
      expect(stdout).toContain(`FAIL  settings: ${name} is missing.`)
    for (const name of ['DATABASE_URL', 'REDIS_URL'])
      expect(stdout).toContain(`warn  settings: ${name} is missing.\n      → \`npm start\` brings its own`)
    expect(stdout).toContain('warn  model: No model is configured.')
    expect(stdout.trimEnd()).toMatch(/3 to mend before it can review\.$/)
  })

  test('with everything set and reachable, it is content and exits with 0', async () => {
    const { code, stdout } = await runDoctor([], env)

    expect(stdout).not.toMatch(/^(?:warn|FAIL)/m)
    expect(stdout.trimEnd()).toMatch(/Nothing keeps Plumbline from reviewing\.$/)
    expect(code).toBe(0)
  })

  test('for scripts, it prints JSON', async () => {
    const { code, stdout } = await runDoctor(['--json'], { ...env, APP_ID: 'twelve' })

    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({ about: 'settings', mark: 'fail', sentence: expect.stringContaining('APP_ID') }),
    ])
  })

  test('no secret is printed, whatever is wrong', async () => {
    const secret = 'a-password-of-the-database'
    const wrong = { ...env, DATABASE_URL: `postgres://nobody:${secret}@127.0.0.1:1/none`, OPENAI_API_KEY: secret }

    const { stdout } = await runDoctor(['--json'], wrong)

    expect(stdout).toContain('Start Postgres')
    expect(stdout).not.toContain(secret)
    expect(stdout).not.toContain('PRIVATE KEY-----')
  })
})

describe('Postgres', () => {
  test('one that nobody can reach is told with the setting to look at', async () => {
    env['DATABASE_URL'] = 'postgres://plumbline@127.0.0.1:1/plumbline'

    const found = await complaints()

    expect(found).toEqual([
      { about: 'Postgres', mark: 'fail', sentence: expect.any(String), fix: expect.stringContaining('DATABASE_URL') },
    ])
  })

  test('one that takes no writes is told, whatever else is right', async () => {
    const url = new URL(env['DATABASE_URL'] ?? '')
    url.searchParams.set('options', '-c default_transaction_read_only=on')
    env['DATABASE_URL'] = url.href

    const found = await complaints()

    expect(found).toMatchObject([
      { about: 'Postgres', mark: 'fail', sentence: expect.stringContaining('read-only'), fix: expect.any(String) },
    ])
  })

  test('a database that does not exist is told apart from a server that does not answer', async () => {
    const url = new URL(env['DATABASE_URL'] ?? '')
    url.pathname = '/no_such_database'
    env['DATABASE_URL'] = url.href

    const found = await complaints()

    expect(found).toMatchObject([{ about: 'Postgres', fix: expect.stringContaining('Create the database') }])
  })
})

describe('Redis', () => {
  test('one that throws entries away is refused, with the command that mends it', async () => {
    const client = new Redis(redis.url)
    onTestFinished(async () => {
      await client.config('SET', 'maxmemory-policy', 'noeviction')
      client.disconnect()
    })
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru')

    const found = await complaints()

    expect(found).toMatchObject([
      {
        about: 'Redis',
        mark: 'fail',
        sentence: expect.stringContaining('allkeys-lru'),
        fix: expect.stringMatching(/noeviction/),
      },
    ])
  })

  test('one without an append-only file is a warning only', async () => {
    const client = new Redis(redis.url)
    onTestFinished(async () => {
      await client.config('SET', 'appendonly', 'yes')
      client.disconnect()
    })
    await client.config('SET', 'appendonly', 'no')

    const found = await complaints()

    expect(found).toMatchObject([{ about: 'Redis', mark: 'warn' }])
  })

  test('one that refuses the password is told apart from one that is not there', async () => {
    const guarded = await startRedis({ args: ['--requirepass', 'right'] }).catch(() => undefined)
    onTestFinished(async () => guarded?.stop())
    env['REDIS_URL'] = `redis://:wrong@127.0.0.1:${guarded?.port}`

    const found = await complaints()

    expect(found).toMatchObject([{ about: 'Redis', mark: 'fail', fix: expect.stringContaining('password') }])
  })

  test('one that nobody can reach is told', async () => {
    env['REDIS_URL'] = 'redis://127.0.0.1:1'

    const found = await complaints()

    expect(found).toMatchObject([{ about: 'Redis', mark: 'fail', fix: expect.stringContaining('REDIS_URL') }])
  })
})

describe('GitHub', () => {
  test('another key than the one of the App is refused', async () => {
    env['APP_ID'] = '77'

    const found = await complaints()

    expect(found).toMatchObject([{ about: 'GitHub', mark: 'fail' }])
    expect(found[0]?.sentence).toContain('APP_ID')
  })

  test('an installation that has not accepted a permission is named with it', async () => {
    github.world.installations[0]!.permissions = { metadata: 'read', contents: 'read', pull_requests: 'read' }

    const [found] = await complaints()

    expect(found).toMatchObject({ about: 'GitHub', mark: 'fail' })
    expect(found?.sentence).toContain('issues: read, pull_requests: write, checks: write, merge_queues: read')
  })

  test('a suspended installation is told', async () => {
    github.world.installations[0]!.suspended = true

    expect(await complaints()).toMatchObject([
      { about: 'GitHub', mark: 'warn', sentence: expect.stringMatching(/suspended/) },
    ])
  })

  test('an App that is installed nowhere is told', async () => {
    github.world.installations.splice(0)

    expect(await complaints()).toMatchObject([
      { about: 'GitHub', mark: 'fail', sentence: expect.stringMatching(/installed nowhere/) },
    ])
  })

  test('a webhook URL that leads elsewhere is told with both addresses', async () => {
    env['PUBLIC_URL'] = 'https://reviews.example.com'

    const [found] = await complaints()

    expect(found?.sentence).toContain('to http://127.0.0.1:3000/api/github/webhooks')
    expect(found?.sentence).toContain('not to https://reviews.example.com/api/github/webhooks')
  })

  test('deliveries that were not taken are counted, once per GUID, and keep it from reviewing when none was taken', async () => {
    const guid = '72d3162e-cc78-11e3-81ab-4c9367dc0958'
    github.hooks.target = { url: 'http://127.0.0.1:1/api/github/webhooks', secret: github.app.webhookSecret }
    env['PUBLIC_URL'] = 'http://127.0.0.1:1'
    await github.hooks.send({ event: 'star', guid, payload: {} })
    await github.hooks.send({ event: 'star', guid, payload: {} })

    const none = await complaints()
    const server = createServer((_, response) => response.writeHead(202).end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    github.hooks.target = { url: `http://127.0.0.1:${port}/api/github/webhooks`, secret: github.app.webhookSecret }
    env['PUBLIC_URL'] = `http://127.0.0.1:${port}`
    await github.hooks.send({ event: 'star', guid: randomUUID(), payload: {} })
    const some = await complaints()
    server.close()

    expect(none).toMatchObject([{ mark: 'fail', sentence: expect.stringMatching(/^1 of the last 2 deliveries/) }])
    expect(some).toMatchObject([{ mark: 'warn', sentence: expect.stringMatching(/^1 of the last 3 deliveries/) }])
  })
})

describe('the model', () => {
  test('one whose price is not known is a warning that says how to tell it', async () => {
    delete env['PRICES_FILE']

    const found = await complaints()

    expect(found).toMatchObject([{ about: 'model', mark: 'warn', fix: expect.stringContaining('PRICES_FILE') }])
  })

  test('a refused key is told with its setting', async () => {
    model.play(() => ({ kind: 'error', status: 401, message: 'Incorrect API key' }))

    expect(await complaints()).toMatchObject([
      { about: 'model', mark: 'fail', sentence: expect.stringMatching(/OPENAI_API_KEY/) },
    ])
  })

  test('the one that verifies is asked too, and told with its own setting', async () => {
    env['OPENAI_VERIFY_MODEL'] = 'nobody'
    const refusal = { kind: 'error', status: 404, message: 'The model nobody does not exist' } as const
    model.play(({ model: name }) => (name === 'nobody' ? refusal : { kind: 'text', text: '{"ready": true}' }))

    expect(await complaints()).toMatchObject([
      { about: 'verifying model', mark: 'fail', sentence: expect.stringMatching(/Set OPENAI_VERIFY_MODEL to one/) },
    ])
  })

  test('one that takes no tools is fit, and it is said how it is asked then', async () => {
    const refusal = { kind: 'error', status: 400, message: 'tiny does not support tools' } as const
    model.play((request) => (request.tools.length > 0 ? refusal : { kind: 'text', text: '{"ready": true}' }))

    expect(await complaints()).toEqual([])
    expect(await diagnose(env)).toContainEqual({
      about: 'model',
      mark: 'ok',
      sentence: 'It does not call tools natively; it is asked for calls in text.',
    })
  })

  test('one of which it could not be found out is a warning', async () => {
    model.play((request) => (request.tools.length > 0 ? { kind: '500' } : { kind: 'text', text: '{"ready": true}' }))

    expect(await complaints()).toMatchObject([
      { about: 'model', mark: 'warn', sentence: expect.stringMatching(/^Whether it calls tools is not known: .*500/) },
    ])
  })

  test('a model that does not keep to the form is a warning', async () => {
    model.play(() => ({ kind: 'text', text: 'Yes, I am ready.' }))

    expect(await complaints()).toMatchObject([
      { about: 'model', mark: 'warn', sentence: expect.stringMatching(/not in the form/) },
    ])
  })
})
