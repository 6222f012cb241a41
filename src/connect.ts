// What web and worker have in common: settings, log, Postgres with its migrations, Redis. For the entries only.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { createSystemClock } from './clock.ts'
import { ConfigError, loadEnvironment, readConfig, type ServerConfig } from './config.ts'
import { createLog } from './log.ts'
import type { Clock } from './queue/clock.ts'
import type { QueueConnection } from './queue/queue.ts'
import { createRedisEvents, type RedisEvents } from './queue/redis-events.ts'
import { createRedisQueue } from './queue/redis-queue.ts'
import { openPostgres, type OpenDatabase } from './store/database.ts'
import { migrate } from './store/migrate.ts'

/** What a process runs on. */
export interface Ground {
  config: ServerConfig
  log: Logger
  clock: Clock
  db: OpenDatabase
  queue: QueueConnection
  events: RedisEvents
  /** Closes what `connect` opened, in the right order. */
  close(): Promise<void>
}

/** The name of the queue: every key is `{q}:…`. */
const queueName = 'q'

/** Throws a sentence that says what cannot be reached. */
export async function connect(config: ServerConfig): Promise<Ground> {
  const log = createLog({ level: config.logLevel, secrets: config.secrets })
  for (const warning of config.warnings) log.warn({}, warning)
  const clock = createSystemClock()
  // A review holds a connection only for moments; the heartbeat and the loops want one each.
  const db = openPostgres({
    url: config.databaseUrl,
    max: config.worker.concurrency + 6,
    statementTimeoutMs: 15_000,
    log,
  })
  const applied = await migrate(db)
  if (applied.length > 0) log.info({ applied }, 'migrations applied')
  const consumer = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`
  const queue = await createRedisQueue({
    url: config.redisUrl,
    name: queueName,
    consumer,
    leaseMs: config.worker.leaseMs,
    log,
  })
  const events = createRedisEvents({ url: config.redisUrl, name: queueName, clock, log })
  return {
    config,
    log,
    clock,
    db,
    queue,
    events,
    async close() {
      await events.close()
      await queue.close()
      await db.close()
    },
  }
}

/** The whole of an entry's `main`: settings or a list of mistakes, then run until SIGTERM or SIGINT. */
export async function runEntry(
  needs: 'web' | 'worker',
  start: (ground: Ground) => Promise<() => Promise<void>>,
): Promise<void> {
  try {
    const ground = await connect(readConfig(loadEnvironment(), needs))
    const stop = await start(ground)
    const signal = await nextSignal()
    ground.log.info({ signal }, 'stopping')
    await stop()
    await ground.close()
    ground.log.info({}, 'stopped')
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : describe(error)}\n`)
    process.exitCode = 1
  }
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve)
  })
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${describe(error.cause)}` : error.message
}
