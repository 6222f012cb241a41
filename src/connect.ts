// What web and worker have in common: settings, log, Postgres with its migrations, Redis. For the entries only.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { createSystemClock } from './clock.ts'
import { ConfigError, loadEnvironment, type ReadyConfig } from './config.ts'
import { createLog } from './log.ts'
import { createLoop, type Loop } from './jobs/loop.ts'
import { promote, type PromoteDeps } from './jobs/promote.ts'
import { followProxySettings } from './outbound-proxy.ts'
import type { Clock } from './queue/clock.ts'
import type { QueueConnection } from './queue/queue.ts'
import type { Events } from './queue/events.ts'
import { createMemoryEvents } from './queue/memory-events.ts'
import { createMemoryBroker } from './queue/memory-queue.ts'
import { createRedisEvents } from './queue/redis-events.ts'
import { createRedisQueue } from './queue/redis-queue.ts'
import { describe } from './review/errors.ts'
import { openPostgres, type OpenDatabase } from './store/database.ts'
import { dueReviews, liveSlots, silenceRunning } from './store/dispatch.ts'
import { migrate } from './store/migrate.ts'

/** What a process runs on. */
export interface Ground {
  config: ReadyConfig
  log: Logger
  clock: Clock
  db: OpenDatabase
  queue: QueueConnection
  events: Events
  /** Runs already. Nudged when rows have changed; stopped by `close`. */
  promoting: Loop
  /** Closes what `connect` opened, in the right order. */
  close(): Promise<void>
}

/** The name of the queue: every key is `{q}:…`. */
const queueName = 'q'

/**
 * Each of DATABASE_URL and REDIS_URL chooses its part; without one its embedded default, which lives in this process alone.
 * Throws a sentence that says what cannot be reached.
 */
export async function connect(config: ReadyConfig): Promise<Ground> {
  const log = createLog({ level: config.logLevel, secrets: config.secrets })
  for (const warning of config.warnings) log.warn({}, warning)
  const clock = createSystemClock()
  const db = await openDatabase(config, log)
  const applied = await migrate(db)
  if (applied.length > 0) log.info({ applied }, 'migrations applied')
  // Nobody else can have been running on it.
  if (config.databaseUrl === undefined) await silenceRunning(db)
  const { close, events, queue } = await openQueue(config, { clock, log })
  const promoting = createPromoting({ clock, config, db, log, queue })
  promoting.start()
  return {
    config,
    log,
    clock,
    db,
    queue,
    events,
    promoting,
    async close() {
      await promoting.stop()
      await close()
      await db.close()
    },
  }
}

async function openDatabase({ databaseUrl, dataDir, worker }: ReadyConfig, log: Logger): Promise<OpenDatabase> {
  if (databaseUrl === undefined) {
    // Half a gigabyte of memory, for those who need it.
    const { openPglite } = await import('./store/embedded/pglite.ts')
    return openPglite(dataDir)
  }
  // A review holds a connection only for moments; the heartbeat and the loops want one each.
  return openPostgres({ url: databaseUrl, max: worker.concurrency + 6, statementTimeoutMs: 15_000, log })
}

type QueueParts = Pick<Ground, 'queue' | 'events' | 'close'>

async function openQueue(
  { redisUrl, worker }: ReadyConfig,
  { clock, log }: Pick<Ground, 'clock' | 'log'>,
): Promise<QueueParts> {
  const consumer = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`
  const { leaseMs } = worker
  if (redisUrl === undefined) {
    const queue = createMemoryBroker({ clock, leaseMs, blockMs: 500 }).connect(consumer)
    return { queue, events: createMemoryEvents(), close: () => queue.close() }
  }
  const queue = await createRedisQueue({ url: redisUrl, name: queueName, consumer, leaseMs, log })
  const events = createRedisEvents({ url: redisUrl, name: queueName, clock, log })
  const close = async (): Promise<void> => {
    await events.close()
    await queue.close()
  }
  return { queue, events, close }
}

/**
 * Half a second is how long a row may wait that nobody nudged for; the query looks at live rows only. The first delivery of a burst is
 * promoted at once, the others fifty milliseconds later: a turn for each would cost more than recording them.
 */
function createPromoting({ clock, config, db, log, queue }: Omit<Ground, 'events' | 'promoting' | 'close'>): Loop {
  const { leaseMs } = config.worker
  const deps: PromoteDeps = {
    liveSlots: () => liveSlots(db, leaseMs),
    dueReviews: (admission) => dueReviews(db, { ...admission, leaseMs }),
    queue,
  }
  return createLoop({ name: 'promote', everyMs: 500, restMs: 50, turn: () => promote(deps), clock, log })
}

/** The whole of an entry's `main`: settings or a list of mistakes, then run until SIGTERM or SIGINT. */
export async function runEntry(
  settings: () => Promise<ReadyConfig>,
  start: (ground: Ground) => Promise<() => Promise<void>>,
): Promise<void> {
  try {
    followProxySettings(loadEnvironment())
    const ground = await connect(await settings())
    // Listened for before anybody can see that we run: a signal in between would end us without a word.
    const signalled = nextSignal()
    const stop = await start(ground)
    const signal = await signalled
    ground.log.info({ signal }, 'stopping')
    await stop()
    await ground.close()
    ground.log.info({}, 'stopped')
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : describe(error)}\n`)
    // Not only the exit code: whatever was opened before the mistake would keep the process alive.
    process.exit(1)
  }
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve)
  })
}
