// Events over Redis pub/sub: at most once, to whoever listens at that moment.
//
// What must always hold: nothing here throws or waits for Redis, because a lost event costs a few seconds of staleness and no
// more. Who listens is remembered here, not in Redis: each new connection subscribes to all topics and tells every listener
// to look, since anything may have happened while it was away. A deaf socket is found by a PING that nobody answers.
import type { Redis } from 'ioredis'
import type { Clock } from './clock.ts'
import type { Events } from './events.ts'
import { queueKeys, type QueueKeys } from './keys.ts'
import { createCommandClient, createSubscriberClient } from './redis-connection.ts'
import type { QueueLog } from './work.ts'

export interface RedisEventsOptions {
  url: string
  name?: string
  clock: Clock
  log: QueueLog
}

/** Shorter than the idle limits of common proxies and firewalls (a minute or more). */
const pingEveryMs = 15_000

export interface RedisEvents extends Events {
  close(): Promise<void>
}

/** Connects at once, and again for as long as it takes. */
export function createRedisEvents(options: RedisEventsOptions): RedisEvents {
  return new PubSubEvents(options)
}

class PubSubEvents implements RedisEvents {
  readonly #keys: QueueKeys
  readonly #clock: Clock
  readonly #log: QueueLog
  readonly #publisher: Redis
  readonly #subscriber: Redis
  readonly #listeners = new Map<string, Set<() => void>>()
  readonly #closing = new AbortController()
  readonly #pinging: Promise<void>

  constructor({ clock, log, name = 'q', url }: RedisEventsOptions) {
    this.#keys = queueKeys(name)
    this.#clock = clock
    this.#log = log
    this.#publisher = createCommandClient(url)
    this.#subscriber = createSubscriberClient(url)
    this.#subscriber.on('message', (channel: string) => this.#tell(channel))
    this.#subscriber.on('ready', () => this.#subscribeAll())
    // A failed attempt is followed by others.
    this.#subscriber.connect().catch(() => undefined)
    this.#pinging = this.#pingUntilClosed()
  }

  publish(topic: string): void {
    this.#publisher.publish(this.#keys.channel(topic), '').catch((error: unknown) => {
      this.#log.info({ topic, err: error }, 'an event was lost')
    })
  }

  async subscribe(topic: string, heard: () => void): Promise<() => Promise<void>> {
    const channel = this.#keys.channel(topic)
    // Its own function, so that the same listener may subscribe twice.
    const listener = (): void => heard()
    this.#listeners.set(channel, (this.#listeners.get(channel) ?? new Set()).add(listener))
    // Also for a second listener: Redis takes it twice, and the answer says that the first one's is in place.
    await this.#subscribeTo([channel])
    return async () => {
      const listeners = this.#listeners.get(channel)
      if (!listeners?.delete(listener) || listeners.size > 0) return
      this.#listeners.delete(channel)
      await this.#subscriber.unsubscribe(channel).catch(() => undefined)
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#listeners.clear()
    this.#publisher.disconnect()
    this.#subscriber.disconnect()
    await this.#pinging
  }

  #tell(channel: string): void {
    for (const heard of this.#listeners.get(channel) ?? []) {
      try {
        heard()
      } catch (error) {
        this.#log.warn({ channel, err: error }, 'a listener threw')
      }
    }
  }

  #subscribeAll(): void {
    const channels = [...this.#listeners.keys()]
    void this.#subscribeTo(channels).then(() => {
      for (const channel of channels) this.#tell(channel)
    })
  }

  /** While the connection is away this does nothing: the next one subscribes to everything. */
  async #subscribeTo(channels: string[]): Promise<void> {
    if (channels.length === 0 || this.#subscriber.status !== 'ready') return
    await this.#subscriber.subscribe(...channels).catch((error: unknown) => {
      this.#log.info({ err: error }, 'subscribing failed; again with the next connection')
      this.#subscriber.disconnect(true)
    })
  }

  async #pingUntilClosed(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#clock.sleep(pingEveryMs, this.#closing.signal)
      // An unanswered one makes `socketTimeout` close the socket, and the client connect anew.
      if (this.#subscriber.status === 'ready') void this.#subscriber.ping().catch(() => undefined)
    }
  }
}
