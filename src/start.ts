// Web and worker in one process. Each of DATABASE_URL and REDIS_URL chooses its part; without them Postgres and the queue live
// in this process, with their files under DATA_DIR. Without a GitHub App it talks to the bundled sample.
import { mockModelName } from './agent/models/mock-model.ts'
import { type RunningWeb, startWeb } from './app.ts'
import { loadEnvironment, type ReadyConfig, readConfig } from './config.ts'
import { connect, type Ground, runEntry } from './connect.ts'
import { type DemoGitHub, startDemoGitHub } from './demo/demo-github.ts'
import { startWorker } from './worker.ts'

/** Missing where a GitHub App is configured. */
let demo: DemoGitHub | undefined

async function settings(): Promise<ReadyConfig> {
  const env = loadEnvironment()
  const given = readConfig(env, 'start')
  if (given.app) return { ...given, app: given.app }
  // The sample shall show what a model's review looks like; whose rules these are stands in the review itself.
  const config = given.model ? given : readConfig({ ...env, OPENAI_MODEL: mockModelName }, 'start')
  demo = await startDemoGitHub()
  const { apiUrl: githubApiUrl, app, webhookSecret } = demo
  return { ...config, app, githubApiUrl, gitServerUrl: undefined, webhookSecrets: [webhookSecret] }
}

async function start(ground: Ground): Promise<() => Promise<void>> {
  const { stop, url } = await serve(ground)
  for (const line of greeting(ground.config, url)) process.stdout.write(`${line}\n`)
  return stop
}

async function serve(ground: Ground): Promise<RunningWeb> {
  const web = await startWeb(ground, demo)
  const stopWorker = await startWorker(ground)
  return {
    url: web.url,
    async stop() {
      await stopWorker()
      await web.stop()
      await demo?.close()
    },
  }
}

/** For one caller on this machine: the same, on a free port, without a word. */
export async function startHere(): Promise<RunningWeb> {
  const config = await settings()
  const ground = await connect({ ...config, web: { ...config.web, host: '127.0.0.1', port: 0 } })
  const { stop, url } = await serve(ground)
  return {
    url,
    async stop() {
      await stop()
      await ground.close()
    },
  }
}

/** What it runs on, where to look, what to set next. */
function greeting(config: ReadyConfig, url: string): string[] {
  const database = config.databaseUrl === undefined ? `PGlite in ${config.dataDir}` : 'Postgres'
  const queue = config.redisUrl === undefined ? 'a queue inside this process' : 'Redis'
  const model = config.model?.model === mockModelName ? 'the mock model' : (config.model?.model ?? 'no model')
  const next = demo
    ? 'a GitHub App: "npm run plumbline -- setup" registers one and writes it into .env.'
    : config.model
      ? 'nothing: open a pull request.'
      : 'OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL, so that a model reviews.'
  return [
    `Plumbline runs on ${database} and ${queue}, with ${demo ? 'the bundled sample instead of a GitHub App' : 'your GitHub App'} and ${model}.`,
    `Look at ${config.web.publicUrl ?? url}/`,
    `Set next: ${next}`,
  ]
}

if (import.meta.main) await runEntry(settings, start)
