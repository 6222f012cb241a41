// GitHub's list, read and asked over HTTP; the record in Postgres.
import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createDeliveryLog } from '../../../src/github/app/hook-deliveries.ts'
import { createGitHub } from '../../../src/github/client.ts'
import { redeliverFailed } from '../../../src/jobs/sweeps/failed-deliveries.ts'
import { createSweepStore } from '../../../src/store/sweeps/sweep-store.ts'
import { openTestStore } from '../../store/store.ts'
import { startGitHub } from '../../support/github/github.ts'
import { createKeptLog } from '../../support/log.ts'

const db = await openTestStore()
const github = await startGitHub()
const { id: appId, privateKey } = github.app
const deliveries = createDeliveryLog(createGitHub({ appId, privateKey, apiUrl: github.url, log: createKeptLog() }))
const signal = new AbortController().signal

let server: Server
let answer = 202
let arrived: string[] = []
let pagesBefore = 0
const pagesRead = () => github.requests.filter((one) => one.method === 'GET' && /deliveries\?/.test(one.path)).length

beforeEach(async () => {
  github.hooks.records.length = 0
  github.faults.clear()
  pagesBefore = pagesRead()
  arrived = []
  answer = 202
  server = createServer((request, response) => {
    arrived.push(String(request.headers['x-github-delivery']))
    response.writeHead(answer).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server's address is an object
  github.hooks.target = { url: `http://127.0.0.1:${port}/`, secret: github.app.webhookSecret }
})

afterEach(async () => {
  expect(github.violations).toEqual([])
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

afterAll(() => github.close())

async function fail(status = 503): Promise<string> {
  answer = status
  const { guid } = await github.hooks.send({ event: 'pull_request', payload: { action: 'opened' } })
  answer = 202
  arrived = []
  return guid
}

/** What GitHub has on its list of such a time; the oldest has to come first. */
function remember(minutesAgo: number, status: number, guid: string = randomUUID()): string {
  const delivery = { event: 'pull_request', guid, payload: { action: 'opened' } }
  const deliveredAt = new Date(Date.now() - minutesAgo * 60_000)
  github.hooks.records.push({
    ...{ id: github.world.nextId(), delivery, deliveredAt, redelivery: false, durationMs: 1, status },
  })
  return guid
}

/** One turn, `minutes` from now. */
async function sweep(minutes = 0, until = signal): Promise<number | undefined> {
  const now = () => Date.now() + minutes * 60_000
  return (await redeliverFailed({ deliveries, store: createSweepStore(db), now }, until))['redelivered']
}

test('a delivery that fails again is asked for again, later and later', async () => {
  const guid = await fail()
  answer = 503

  const first = await sweep()
  await vi.waitFor(() => expect(github.hooks.records).toHaveLength(2))
  const tooSoon = await sweep(1)
  const second = await sweep(3)
  await vi.waitFor(() => expect(github.hooks.records).toHaveLength(3))
  const third = await sweep(3)

  expect([first, tooSoon, second, third]).toEqual([1, 0, 1, 0])
  expect(arrived).toEqual([guid, guid])
})

test('a delivery of which the answer was lost, but which was recorded, is not asked for again', async () => {
  const guid = await fail()
  await db.query(`insert into deliveries (guid, event, action) values ($1, 'pull_request', 'opened')`, [guid])

  expect(await sweep()).toBe(0)
})

test('what was refused as malformed or too large is not asked for again', async () => {
  await fail(400)
  await fail(413)

  expect(await sweep()).toBe(0)
})

test('what is older than three days is left: GitHub does not have it any more', async () => {
  await fail()

  expect(await sweep(3 * 24 * 60 + 1)).toBe(0)
})

test('failed deliveries are found behind many good ones, and each is asked for once', async () => {
  const old = await fail()
  for (let count = 0; count < 60; count++)
    await github.hooks.send({ event: 'pull_request', payload: { action: 'opened' } })
  const young = await fail()

  const asked = await sweep()
  await vi.waitFor(() => expect(arrived.toSorted()).toEqual([old, young].toSorted()))
  await vi.waitFor(() => expect(github.hooks.records).toHaveLength(64))
  const again = await sweep(60)

  expect([asked, again]).toEqual([2, 0])
})

test('what never goes well is asked for on and on, and what came after it is not read again', async () => {
  const guid = remember(300, 404)
  for (let count = 0; count < 250; count++) remember(60, 202)
  remember(20, 202)
  answer = 404

  const first = [await sweep(), pagesRead() - pagesBefore]
  await vi.waitFor(() => expect(arrived).toEqual([guid]))
  await vi.waitFor(() => expect(github.hooks.records).toHaveLength(253))
  const second = [await sweep(3), pagesRead() - pagesBefore]

  expect([first, second]).toEqual([
    [1, 3],
    [1, 4],
  ])
})

test('what never goes well is asked for until its three days are over, and no longer', async () => {
  const guid = remember(3 * 24 * 60 - 1, 404)
  remember(60, 404, guid)
  answer = 404

  const first = await sweep()
  await vi.waitFor(() => expect(github.hooks.records).toHaveLength(3))
  const late = [await sweep(2), await sweep(70), await sweep(24 * 60)]

  expect([first, late]).toEqual([1, [0, 0, 0]])
})

test('a reading that is cut off goes on where it was, and nothing of before, between and after is lost', async () => {
  const old = remember(300, 503)
  for (let count = 0; count < 250; count++) remember(60, 202)
  const young = remember(50, 503)
  const ending = new AbortController()
  github.before({ method: 'GET', path: /deliveries$/ }, () => {
    github.before({ method: 'GET', path: /deliveries$/ }, () => ending.abort())
  })
  await expect(sweep(0, ending.signal)).rejects.toThrow('abort')
  const late = remember(0, 503)
  const before = pagesRead()

  const second = [await sweep(), pagesRead() - before]
  await vi.waitFor(() => expect(arrived.toSorted()).toEqual([old, young].toSorted()))
  const third = await sweep()

  expect([second, third]).toEqual([[2, 2], 1])
  await vi.waitFor(() => expect(arrived.at(-1)).toBe(late))
})

test('where nothing was ever delivered, nothing says up to when it was read', async () => {
  await sweep()

  expect(await createSweepStore(db).readMark('failed deliveries')).toBeUndefined()
})

test('one that GitHub does not deliver again keeps none of the others waiting', async () => {
  remember(300, 503)
  const other = remember(200, 503)
  github.faults.add({ kind: '422', method: 'POST', path: /attempts$/ })

  await sweep()

  await vi.waitFor(() => expect(arrived).toEqual([other]))
})

test('one that GitHub cannot ask for again fails the turn, and keeps none of the others waiting', async () => {
  remember(300, 503)
  const other = remember(200, 503)
  const [oldest] = github.hooks.records
  github.faults.add({ kind: '502', method: 'POST', path: new RegExp(`/${oldest!.id}/attempts$`), times: 20 })

  await expect(sweep()).rejects.toThrow('502')

  await vi.waitFor(() => expect(arrived).toEqual([other]))
})

test('where GitHub asks to wait, none of the others is tried, and none counts as asked for again', async () => {
  for (let minutes = 300; minutes > 0; minutes -= 60) remember(minutes, 503)
  github.faults.add({ kind: 'secondary-limit', retryAfter: 60, method: 'POST', path: /attempts$/, times: 20 })
  const before = github.requests.length

  const asked = await sweep()

  expect(asked).toBe(0)
  expect(
    github.requests.slice(before).filter(({ method, path }) => method === 'POST' && /attempts$/.test(path)),
  ).toHaveLength(1)
})

test('a place in the list that GitHub does not know any more is given up, and the list read from the top', async () => {
  const old = remember(300, 503)
  const mark = new Date(Date.now() - 400 * 60_000)
  await createSweepStore(db).writeMark('failed deliveries', {
    mark,
    open: [],
    rest: { cursor: 'x', newestMs: Date.now() },
  })
  github.faults.add({ kind: '422', method: 'GET', path: /deliveries$/ })

  await expect(sweep()).rejects.toThrow('422')
  const again = await sweep()

  await vi.waitFor(() => expect(arrived).toEqual([old]))
  expect(again).toBe(1)
})
