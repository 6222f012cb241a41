// The files for deploying say what is true: every command, path, port and variable in them exists, and their steps run in a
// clean folder without development dependencies.
import { execFile, execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv, promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { knownVariables, unknownVariables } from '../src/known-variables.ts'
import { startGitHub } from './support/github/github.ts'
import { type PlumblineProcess, startProcess } from './support/processes.ts'
import { testDatabaseUrl, testRedis } from './support/real.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

interface RenderService {
  type: string
  name: string
  buildCommand?: string
  preDeployCommand?: string
  startCommand?: string
  healthCheckPath?: string
  numInstances?: number
  maxShutdownDelaySeconds?: number
  maxmemoryPolicy?: string
  envVars?: {
    key: string
    value?: string
    generateValue?: boolean
    fromDatabase?: { name: string }
    fromService?: { name: string; type: string; envVarKey?: string }
  }[]
}

interface ComposeService {
  command?: string[]
  environment?: Record<string, string>
  env_file?: string
  ports?: string[]
  healthcheck?: { test: string[] }
  stop_grace_period?: string
}

// `as`: the shapes that these files have; the tests say when they have not.
const render = parse(read('render.yaml')) as { services: RenderService[]; databases: { name: string }[] }
const compose = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, ComposeService> }
const packageJson = JSON.parse(read('package.json')) as { scripts: Record<string, string>; engines: { node: string } }
const docker = read('Dockerfile').replaceAll(/\\\n/g, ' ').split('\n')

const instruction = (name: string): string[] =>
  docker.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1).trim())
const service = (name: string): RenderService => render.services.find((one) => one.name === name)!
const scriptOf = (command: string): string => packageJson.scripts[/^npm run (\S+)/.exec(command)?.[1] ?? ''] ?? ''
const variable = (of: RenderService, key: string): string | undefined =>
  of.envVars?.find((one) => one.key === key)?.value

/** Read by Node's installer at Render, by Node, and by the images of others. */
const foreign = ['NODE_VERSION', 'NODE_ENV', 'POSTGRES_USER', 'POSTGRES_DB', 'POSTGRES_PASSWORD']

describe('names', () => {
  test('every variable is one that Plumbline reads', () => {
    const named = [
      ...render.services.flatMap((one) => (one.envVars ?? []).map(({ key }) => key)),
      ...Object.values(compose.services).flatMap((one) => Object.keys(one.environment ?? {})),
      ...instruction('ENV').flatMap((line) => line.split(' ').map((one) => one.split('=')[0] ?? '')),
    ].filter((name) => !foreign.includes(name))

    expect(named.length).toBeGreaterThan(15)
    expect(named.filter((name) => !(name in knownVariables))).toEqual([])
  })

  test('every variable of .env.example means something, also the ones that are commented out', () => {
    const names = Object.keys(parseEnv(read('.env.example').replaceAll(/^#(?=[A-Z_]+=)/gm, '')))

    expect(names).toContain('APP_ID')
    expect(unknownVariables(names)).toEqual([])
  })

  test('every service, database and variable that is referred to is there', () => {
    const references = render.services.flatMap((one) => one.envVars ?? [])
    const databases = references.flatMap(({ fromDatabase }) => fromDatabase?.name ?? [])
    const services = references.flatMap(({ fromService }) => fromService ?? [])
    const isThere = ({ envVarKey, name, type }: (typeof services)[number]): boolean =>
      service(name)?.type === type &&
      (envVarKey === undefined || service(name).envVars?.some((one) => one.key === envVarKey) === true)

    expect(new Set(databases)).toEqual(new Set(render.databases.map((one) => one.name)))
    expect(services.filter((one) => !isThere(one))).toEqual([])
  })
})

describe('commands', () => {
  test('every npm script exists, and starts a file that exists', () => {
    const { preDeployCommand = '', startCommand = '' } = service('plumbline-web')
    const commands = [preDeployCommand, startCommand, service('plumbline-worker').startCommand ?? '']

    expect(commands.map(scriptOf)).toEqual(['node src/cli.ts', 'node src/app.ts', 'node src/worker.ts'])
    for (const command of commands) expect(existsSync(join(root, scriptOf(command).split(' ')[1] ?? ''))).toBe(true)
  })

  test('the image and the compose file start the same two processes', () => {
    const { web, worker } = compose.services

    expect(JSON.parse(instruction('CMD')[0] ?? '')).toEqual(['node', 'src/app.ts'])
    expect([web?.command, worker?.command]).toEqual([
      ['node', 'src/app.ts'],
      ['node', 'src/worker.ts'],
    ])
  })

  test('the queue throws nothing away, and there is more than one worker', () => {
    expect(service('plumbline-queue').maxmemoryPolicy).toBe('noeviction')
    expect(compose.services['redis']?.command?.join(' ')).toContain('--maxmemory-policy noeviction --appendonly yes')
    expect(service('plumbline-worker').numInstances).toBeGreaterThan(1)
  })

  test('a worker is given longer to stop than it takes', () => {
    const worker = service('plumbline-worker')
    const inCompose = compose.services['worker']

    expect(Number(variable(worker, 'SHUTDOWN_GRACE_MS'))).toBeLessThan((worker.maxShutdownDelaySeconds ?? 0) * 1000)
    expect(Number(inCompose?.environment?.['SHUTDOWN_GRACE_MS'])).toBeLessThan(
      parseInt(inCompose?.stop_grace_period ?? '', 10) * 1000,
    )
  })

  test('nothing runs as root, and the image has the Node that is asked for', () => {
    expect(instruction('USER')).toEqual(['node'])
    expect(instruction('RUN')).toContain('mkdir .data && chown node:node .data')
    expect(instruction('FROM')[0]).toMatch(/^node:24-/)
    expect(packageJson.engines.node).toMatch(/^>=24/)
    expect(variable(service('plumbline-web'), 'NODE_VERSION')).toBe('24')
  })

  test('ports agree', () => {
    const { EXPOSE, PORT } = {
      EXPOSE: instruction('EXPOSE')[0],
      PORT: /PORT=(\d+)/.exec(instruction('ENV').join(' '))?.[1],
    }
    const { web } = compose.services

    expect([EXPOSE, PORT, web?.environment?.['PORT']]).toEqual(['3000', '3000', '3000'])
    expect(web?.ports).toEqual(['127.0.0.1:3000:3000'])
    expect(web?.healthcheck?.test.join(' ')).toContain(
      `http://127.0.0.1:3000${service('plumbline-web').healthCheckPath}`,
    )
  })
})

describe('the steps, in a clean folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-deploy-'))
  const path = process.env['PATH'] ?? ''
  let env: Record<string, string>

  beforeAll(async () => {
    for (const line of instruction('COPY')) copyInto(folder, line)
    const install = instruction('RUN').find((line) => line.startsWith('npm ')) ?? ''
    expect(install).toBe(service('plumbline-web').buildCommand)
    const [npm = '', ...args] = install.split(' ')
    execFileSync(npm, [...args, '--no-audit', '--no-fund'], { cwd: folder, stdio: 'pipe' })
    const github = await startGitHub()
    const { id, privateKey, webhookSecret } = github.app
    await github.close()
    env = {
      APP_ID: String(id),
      PRIVATE_KEY: privateKey,
      WEBHOOK_SECRET: webhookSecret,
      DATABASE_URL: await testDatabaseUrl(),
      REDIS_URL: testRedis().url,
      HOST: '0.0.0.0',
      PORT: '0',
    }
  }, 240_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  /** As the image does it: sources, then a folder or a file. */
  function copyInto(to: string, line: string): void {
    const parts = line.split(' ')
    const target = parts.pop() ?? ''
    for (const source of parts) {
      const end = target.endsWith('/') ? join(to, target, source.split('/').at(-1) ?? '') : join(to, target)
      mkdirSync(dirname(end), { recursive: true })
      cpSync(join(root, source), end, { recursive: true })
    }
  }

  const start = (command: string): PlumblineProcess => startProcess(join(folder, command), env)

  test('no development dependency is needed', () => {
    expect(existsSync(join(folder, 'node_modules/hono'))).toBe(true)
    expect(existsSync(join(folder, 'node_modules/vitest'))).toBe(false)
  })

  test('migrations are applied before the deploy, and a second time there is nothing to do', async () => {
    const migrate = ['run', '--silent', 'plumbline', '--', 'migrate']
    const run = () => promisify(execFile)('npm', migrate, { cwd: folder, env: { PATH: path, HOME: folder, ...env } })

    const first = await run()
    const second = await run()

    expect(first.stdout).toContain('Applied 0001_reviews.sql')
    expect(second.stdout).toContain('Nothing to apply.')
  })

  test('the statements of docs/privacy.md run on the migrated database', async () => {
    const statements = [...read('docs/privacy.md').matchAll(/```sql\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
    const client = new pg.Client({ connectionString: env['DATABASE_URL'] })
    await client.connect()
    onTestFinished(() => client.end())

    expect(statements).toHaveLength(2)
    for (const statement of statements) await client.query(statement)
  })

  test('the web process answers the health check, and stops when it is told to', async () => {
    const web = start('src/app.ts')
    const { url } = JSON.parse(await web.line(/"listening"/)) as { url: string } // the log line says it

    const health = await fetch(url.replace('0.0.0.0', '127.0.0.1') + service('plumbline-web').healthCheckPath)
    const code = await web.stop()

    expect(health.status).toBe(200)
    expect(code).toBe(0)
  })

  test('a worker starts, and stops when it is told to', async () => {
    const worker = start('src/worker.ts')
    await worker.line(/"working"/)

    expect(await worker.stop()).toBe(0)
  })
})
