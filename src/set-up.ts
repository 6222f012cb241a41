// The first start without a GitHub App: a small server leads through registering one, then the web process goes on.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import { type Config, ConfigError, type Environment, loadEnvironment, readConfig, type ServerConfig } from './config.ts'
import { createAssets } from './dashboard/dashboard.ts'
import { setupPages } from './dashboard/setup-pages.ts'
import { convertManifest, readManifest } from './github/manifest.ts'
import { createLiveness } from './http/health.ts'
import { isLoopback } from './http/loopback.ts'
import { createWebServer } from './http/server.ts'
import { envLine, writeEnvFile } from './http/setup/env-file.ts'
import { createSetup } from './http/setup/setup.ts'
import { createWebApp } from './http/web-app.ts'
import { createLog } from './log.ts'

/** The settings of a web process; registers an App first when that is all that is missing. Throws a `ConfigError`. */
export async function settingsForWeb(): Promise<ServerConfig> {
  const env = loadEnvironment()
  if (lacksOnlyTheApp(env)) await registerApp(readConfig(env, 'cli'))
  return readConfig(loadEnvironment(), 'web')
}

/** All three are told as missing, and nothing else is told. */
function lacksOnlyTheApp(env: Environment): boolean {
  try {
    readConfig(env, 'web')
    return false
  } catch (error) {
    const mistakes = error instanceof ConfigError ? error.mistakes : []
    const isMissing = (mistake: string): boolean => /^(?:APP_ID|PRIVATE_KEY|WEBHOOK_SECRET) is missing/.test(mistake)
    return mistakes.length === 3 && mistakes.every(isMissing)
  }
}

/**
 * Resolves when the credentials are in `.env`. Where they can only be shown, it stays until it is stopped. Throws a sentence
 * when there is an App already.
 */
export async function registerApp(config: Config): Promise<void> {
  if (config.app) throw new Error('APP_ID and PRIVATE_KEY are set already. Remove them to register another App.')
  const log = createLog({ level: config.logLevel, secrets: config.secrets })
  const code = randomBytes(16).toString('base64url')
  const finished = Promise.withResolvers<void>()
  const { githubServerUrl: serverUrl, web, webhookProxyUrl: proxyUrl } = config
  const setup = createSetup({
    code,
    manifest: await readManifest(),
    serverUrl,
    publicUrl: web.publicUrl,
    proxyUrl,
    convert: (given) => convertManifest(config.githubApiUrl, given),
    keep: (values) => keep(values, web.host),
    finished: finished.resolve,
    pages: setupPages,
    log,
  })
  const app = createWebApp({
    open: [createLiveness(), createAssets(), setup],
    closed: [],
    access: (c) =>
      Promise.resolve(c.json({ error: 'There is no GitHub App yet. The log shows where to register one.' }, 503)),
    formTargets: { '/setup': new URL(serverUrl).origin },
    log,
  })
  const server = createWebServer({ edge: (_, response) => void response.writeHead(503).end(), app })
  server.listen(web.port, web.host)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : web.port
  const here = `http://${web.host}:${port}/setup?code=${code}`
  const url = web.publicUrl === undefined ? here : `${web.publicUrl}/setup?code=${code}`
  log.warn({ url, here, port }, 'no GitHub App is configured: open this address to register one')
  await finished.promise
  await closeServer(server)
}

async function closeServer(server: Server): Promise<void> {
  server.close()
  server.closeIdleConnections()
  await once(server, 'close')
}

/**
 * Into `.env`, if that will still be there at the next start: on a machine of one's own, or where the operator keeps one
 * already. Elsewhere (containers, hosts that deploy) the lines are answered, to be set there.
 */
async function keep(values: Record<string, string>, host: string): Promise<string[] | undefined> {
  const lasts = isLoopback(host) || existsSync('.env')
  if (lasts && (await writeEnvFile('.env', values))) return undefined
  return Object.entries(values).map(([name, value]) => envLine(name, value))
}
