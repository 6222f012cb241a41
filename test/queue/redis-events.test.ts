import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRedisEvents, type RedisEvents } from '../../src/queue/redis-events.ts'
import { createManualClock, type ManualClock } from '../support/clock.ts'
import { createKeptLog, type KeptLog } from '../support/log.ts'
import { type PrivateRedis, startRedis, testRedis } from '../support/real.ts'
import { startProxy, type Proxy } from './proxy.ts'

let server: PrivateRedis
let proxy: Proxy
let clock: ManualClock
let log: KeptLog
let events: RedisEvents
let publisher: RedisEvents

beforeEach(async () => {
  server = await startRedis()
  proxy = await startProxy(server.url)
  clock = createManualClock()
  log = createKeptLog()
  events = createRedisEvents({ url: proxy.url, clock, log })
  publisher = createRedisEvents({ url: server.url, clock, log })
})

afterEach(async () => {
  await Promise.all([events.close(), publisher.close()])
  await proxy.close()
  await server.stop()
})

/** Subscribes for sure: until the connection is there, subscribing does not wait for it. */
async function listen(topic: string): Promise<{ heard: ReturnType<typeof vi.fn<() => void>>; stop(): Promise<void> }> {
  const heard = vi.fn<() => void>()
  const stop = await events.subscribe(topic, heard)
  await hear(topic, heard)
  return { heard, stop }
}

/** Publishes until it is heard: an event may be lost. */
async function hear(topic: string, heard: ReturnType<typeof vi.fn<() => void>>): Promise<void> {
  await vi.waitFor(() => {
    publisher.publish(topic)
    expect(heard).toHaveBeenCalled()
  }, 10_000)
  heard.mockClear()
}

test('publishing while Redis is away throws nothing and is noted', async () => {
  await server.kill9()

  publisher.publish('7')

  await vi.waitFor(() => expect(log.lines).toMatchObject([{ level: 'info', text: 'an event was lost' }]), 5000)
})

test('who listens is told again after Redis was killed and came back, without having to ask', async () => {
  const { heard } = await listen('7')

  await server.restart()

  await hear('7', heard)
})

test('a new connection tells every listener to look: something may have happened meanwhile', async () => {
  const { heard } = await listen('7')
  heard.mockClear()

  await server.restart()

  await vi.waitFor(() => expect(heard).toHaveBeenCalled(), 10_000)
})

test('a connection that went deaf is noticed by a PING and replaced', async () => {
  const { heard } = await listen('7')
  proxy.silence()

  await clock.advance(15_000)

  await hear('7', heard)
})

test('subscribing while Redis is away works once it is back', async () => {
  await server.kill9()
  const heard = vi.fn<() => void>()
  await events.subscribe('7', heard)

  await server.restart()

  await hear('7', heard)
})

test('a listener that throws does not keep the others from hearing', async () => {
  await events.subscribe('7', () => {
    throw new Error('broken listener')
  })
  const { heard } = await listen('7')

  await hear('7', heard)

  expect(log.lines).toContainEqual(expect.objectContaining({ text: 'a listener threw' }))
})

test('an event is heard by those who listen to its topic, and by nobody else', async () => {
  const seven = await listen('7')
  const eight = await listen('8')

  await hear('7', seven.heard)

  expect(eight.heard).not.toHaveBeenCalled()
})

test('the first of two listeners of a topic may go without taking the second one along', async () => {
  const first = await listen('7')
  const second = await listen('7')
  first.heard.mockClear()

  await first.stop()
  await hear('7', second.heard)

  expect(first.heard).not.toHaveBeenCalled()
})

test('queues of different names do not hear each other', async () => {
  const { url } = testRedis()
  const [here, there] = [
    createRedisEvents({ url, name: testRedis().prefix, clock, log }),
    createRedisEvents({ url, name: testRedis().prefix, clock, log }),
  ]
  const [heardHere, heardThere] = [vi.fn<() => void>(), vi.fn<() => void>()]
  await here.subscribe('7', heardHere)
  await there.subscribe('7', heardThere)

  await vi.waitFor(() => {
    here.publish('7')
    expect(heardHere).toHaveBeenCalled()
  }, 5000)

  // Both hear their own new connection; only one hears the topic after that.
  heardThere.mockClear()
  heardHere.mockClear()
  await vi.waitFor(() => {
    here.publish('7')
    expect(heardHere).toHaveBeenCalled()
  })
  expect(heardThere).not.toHaveBeenCalled()
  await Promise.all([here.close(), there.close()])
})
