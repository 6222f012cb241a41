// How we speak to Redis. Three kinds of connection, never shared: a blocking read holds up everything behind it, and a
// subscriber may say little else.
//
// What must always hold: no call waits for ever, and no command is sent a second time behind our back. A socket can go deaf
// without closing (a pulled cable, a paused virtual machine); ioredis notices only with `socketTimeout`. Its own resending
// after a reconnect is off everywhere (`maxRetriesPerRequest: 0` fails what was under way as soon as the connection closes):
// a blocking read that is sent again takes an entry that nobody waits for any more.
//
// In a Redis Cluster one node has the whole queue, because its keys share one hash tag. Each new connection asks which one that is, so
// that everything above this file speaks to a single Redis; MOVED is answered by connecting anew. Events need no node of
// their own: what is published to one node, the cluster tells all.
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AbstractConnector, Redis, type RedisOptions } from 'ioredis'

/**
 * Milliseconds. Redis answers within one; more means that it is away, and the callers have something better to do than to
 * wait. `silence` closes the socket; longer than `command`, so that the call's own error comes first.
 */
const patience = { connect: 2000, command: 2000, silence: 2500 }

const shared: RedisOptions = {
  lazyConnect: true,
  connectTimeout: patience.connect,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
}

/** Reconnects by itself; a command fails within about two seconds while Redis is away. `key` chooses the node of a cluster. */
export function createCommandClient(url: string, key?: string): Redis {
  const options: RedisOptions = {
    commandTimeout: patience.command,
    socketTimeout: patience.silence,
    retryStrategy: (times) => Math.min(50 * 2 ** times, 1000),
    // After a failover the old primary still answers, as a replica. In a cluster the keys may move to another node.
    reconnectOnError: (error) => /^(?:READONLY|MOVED|CLUSTERDOWN)/.test(error.message),
  }
  return create(url, options, key)
}

/**
 * Does not reconnect: whoever reads opens a new one after any error, so there is no state of a client in which it stays deaf.
 * `commandTimeout` is the watchdog behind `socketTimeout`; both are longer than a read blocks.
 */
function createBlockingClient(url: string, blockMs: number, key?: string): Redis {
  const options: RedisOptions = {
    socketTimeout: blockMs + patience.command,
    commandTimeout: blockMs + patience.silence,
    enableOfflineQueue: false,
    retryStrategy: null,
  }
  return create(url, options, key)
}

/** Reconnects by itself; who subscribes does so again at each `ready`. Needs a PING now and then to notice a deaf socket. */
export function createSubscriberClient(url: string): Redis {
  return create(url, {
    socketTimeout: patience.silence,
    enableOfflineQueue: false,
    autoResubscribe: false,
    retryStrategy: (times) => Math.min(50 * 2 ** times, 1000),
  })
}

function create(url: string, options: RedisOptions, key?: string): Redis {
  // `legacy` is the default: replies look the same under RESP2 and RESP3. Named, because the types choose by it.
  const place = key === undefined ? {} : { Connector: ownerConnector(key) }
  const client = new Redis(url, { ...shared, ...options, ...place, replyMapping: 'legacy' })
  // Without a listener ioredis prints each error. The commands that fail report it too, to somebody who knows what they were for.
  client.on('error', () => undefined)
  return client
}

interface Address {
  host: string
  port: number
}

/** ioredis connects through it: to the node that keeps `key`, asking anew for each connection which one that is. */
function ownerConnector(key: string) {
  return class OwnerConnector extends AbstractConnector {
    readonly #options: RedisOptions

    constructor(options: unknown) {
      super(0)
      this.#options = options as RedisOptions // ioredis hands in what the client was made with
    }

    async connect(): Promise<ReturnType<typeof connect>> {
      this.connecting = true
      const { host = '127.0.0.1', port = 6379, tls } = this.#options
      // Where nobody can be asked, the URL itself is tried: a connector that rejects would end its client for good.
      const to = (await findOwner(this.#options, key).catch(() => undefined)) ?? { host, port }
      if (!this.connecting) throw new Error('the connection was closed')
      this.stream = tls ? connectTls({ servername: host, ...tls, ...to }) : connect(to)
      this.stream.once('error', (error) => (this.firstError = error))
      return this.stream
    }
  }
}

/** `undefined` where this is no cluster. */
async function findOwner(options: RedisOptions, key: string): Promise<Address | undefined> {
  const impatient = { ...shared, commandTimeout: patience.command, retryStrategy: null }
  const { Connector: _, ...plain } = options
  const scout = new Redis({ ...plain, ...impatient, replyMapping: 'legacy' })
  scout.on('error', () => undefined)
  try {
    await scout.connect()
    const [slot, ranges] = await Promise.all([scout.cluster('KEYSLOT', key), scout.cluster('SLOTS')])
    const [, , owner] = ranges.find(([first, last]) => first <= slot && slot <= last) ?? []
    // A node that does not know its own address leaves it out: then it is the one that we ask.
    return owner && { host: owner[0] || (options.host ?? '127.0.0.1'), port: owner[1] }
  } finally {
    scout.disconnect()
  }
}

/** This Redis must not hold the queue. The message says what to change. */
export class UnfitRedisError extends Error {
  override readonly name = 'UnfitRedisError'
}

/** A blocking client that is connected to a Redis that fits. Rejects with what Redis said, or with `UnfitRedisError`. */
export async function openBlockingClient(url: string, blockMs: number, key?: string): Promise<Redis> {
  const client = createBlockingClient(url, blockMs, key)
  // `connect()` itself only says that the connection is closed.
  let reason: unknown
  client.once('error', (error) => {
    reason = error
  })
  try {
    await client.connect()
    await refuseUnfitRedis(client)
    return client
  } catch (error) {
    client.disconnect()
    throw reason ?? error
  }
}

/**
 * Throws `UnfitRedisError` when this Redis must not hold the queue: too old, or allowed to evict.
 *
 * The policy is read from INFO (https://redis.io/docs/latest/commands/info/), which managed servers answer even where they
 * forbid CONFIG. Valkey reports the Redis version it is compatible with.
 */
async function refuseUnfitRedis(client: Redis): Promise<void> {
  const info = await client.info()
  const [major = 0, minor = 0] = (/^redis_version:(\S+)/m.exec(info)?.[1] ?? '').split('.').map(Number)
  if (major < 6 || (major === 6 && minor < 2)) {
    throw new UnfitRedisError(
      `Redis ${major}.${minor} is too old for the queue: it needs Redis 6.2 or newer, or Valkey`,
    )
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction'
  if (policy !== 'noeviction') {
    throw new UnfitRedisError(
      `Redis has maxmemory-policy ${policy}: when its memory is full it would delete waiting jobs. ` +
        'Set "maxmemory-policy noeviction" in redis.conf, or run: redis-cli CONFIG SET maxmemory-policy noeviction',
    )
  }
}
