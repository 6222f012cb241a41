// The webhook route as an operator runs it, against a bare Probot handler and against node:http with an HMAC, all with the same
// writes to Postgres. The sender, the routes and Postgres share the machine.
import { generateKeyPairSync } from 'node:crypto'
import pg from 'pg'
import { openPostgres } from '../src/store/database.ts'
import { migrate } from '../src/store/migrate.ts'
import { startProcess } from '../test/support/processes.ts'
import { type PrivatePostgres, startPostgres } from '../test/support/servers/postgres.ts'
import { startRedis } from '../test/support/servers/redis.ts'
import { quiet } from './contenders.ts'
import { saturate, sendSteadily, type Sender } from './deliveries.ts'
import { bar, figures, interleave, quantile, ratio, table } from './rounds.ts'

const secret = 'a-webhook-secret-of-the-bench-only'
const steady = { perSecond: 200, ms: 2000 }
const saturationMs = 1000

export async function benchWebhook(rounds: number): Promise<void> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis({ appendfsync: 'everysec' })])
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const common = { PRIVATE_KEY: pem, WEBHOOK_SECRET: secret, APP_ID: '1', REDIS_URL: redis.url, PORT: '0' }
  const processes: ReturnType<typeof startProcess>[] = []
  async function start(entry: string, kind: string): Promise<Sender> {
    const env = { ...common, DATABASE_URL: await freshDatabase(postgres, kind) }
    const started = startProcess(entry, env, entry.startsWith('bench') ? [kind] : [])
    processes.push(started)
    const line = await started.line(/"msg":"listening"/)
    return { url: /"url":"([^"]+)"/.exec(line)?.[1] ?? '', secret }
  }
  try {
    await syncDisk(postgres.url)
    const ours = await start('src/app.ts', 'ours')
    const probot = await start('bench/webhook-server.ts', 'probot')
    const bare = await start('bench/webhook-server.ts', 'http')
    await measure({ ours, probot, bare }, rounds)
  } finally {
    await Promise.all(processes.map((one) => one.kill9()))
    await Promise.all([postgres.stop(), redis.stop()])
  }
}

async function measure(senders: Record<'ours' | 'probot' | 'bare', Sender>, rounds: number): Promise<void> {
  const { bare, ours, probot } = senders
  const p99 = (sender: Sender) => async (): Promise<number> =>
    quantile((await sendSteadily(sender, steady.perSecond, steady.ms)).latenciesMs, 0.99)
  const most = (sender: Sender) => async (): Promise<number> => (await saturate(sender, saturationMs)).perSecond
  const calm = await interleave(rounds, { ours: p99(ours), probot: p99(probot), bare: p99(bare) })
  const full = await interleave(rounds, { ours: most(ours), probot: most(probot), bare: most(bare) })
  const row = (label: string, name: keyof typeof senders): string[] => [
    label,
    figures(calm[name], 1),
    figures(full[name]),
    ratio(full.ours, full[name]).toFixed(2),
  ]
  table(
    ['webhook route', 'p99 at 200/s, ms', 'at saturation, a second', 'ours / this'],
    [row('Plumbline', 'ours'), row('bare Probot handler', 'probot'), row('node:http and HMAC', 'bare')],
  )
  bar('webhook p99 at 200/s, ms', quantile(calm.ours, 0.5), { atMost: 50 })
  bar('webhook / bare Probot handler at saturation', ratio(full.ours, full.probot), { atLeast: 0.8 })
}

/** A commit waits for the disk, as in the real house. */
export async function syncDisk(url: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  for (const setting of ['fsync', 'full_page_writes']) await client.query(`alter system set ${setting} = on`)
  await client.query('select pg_reload_conf()')
  await client.end()
}

export async function freshDatabase(postgres: PrivatePostgres, name: string): Promise<string> {
  const client = new pg.Client(postgres.url)
  await client.connect()
  await client.query(`create database bench_${name}`)
  await client.end()
  const url = postgres.url.replace(/\/postgres$/, `/bench_${name}`)
  const db = openPostgres({ url, max: 1, statementTimeoutMs: 60_000, log: quiet })
  await migrate(db)
  await db.close()
  return url
}
