// GitHub's list, read and asked over HTTP; the record in Postgres.
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

beforeEach(async () => {
  github.hooks.records.length = 0
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

/** One turn, `minutes` from now. */
async function sweep(minutes = 0): Promise<number | undefined> {
  const now = () => Date.now() + minutes * 60_000
  return (await redeliverFailed({ deliveries, store: createSweepStore(db), now }, signal))['redelivered']
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
