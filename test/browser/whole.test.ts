// The pages of real processes: web and worker apart, on real Redis and Postgres, with stand-ins for GitHub and the model.
import { createServer } from 'node:net'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findingTitle } from '../support/model/reviewer.ts'
import { Plumbline } from '../support/plumbline.ts'
import { testDatabaseUrl } from '../support/real.ts'
import { type PlumblineProcess, startProcess } from '../support/processes.ts'
import { visit } from './chromium.ts'

const patience = { timeout: 25_000 }
let plumbline: Plumbline
let web: PlumblineProcess | undefined

beforeAll(async () => {
  plumbline = await Plumbline.start(await testDatabaseUrl())
})
afterEach(async () => {
  await web?.kill9()
  await plumbline.killAll()
})
afterAll(() => plumbline.close())

/** A web process on this port. `Plumbline` gives each another one, and a browser comes back to where it was. */
async function startWeb(port: number): Promise<string> {
  const started = startProcess('src/app.ts', { ...plumbline.env, PORT: String(port) })
  web = started
  await started.line(/"msg":"listening"/)
  const url = `http://127.0.0.1:${port}`
  plumbline.github.hooks.target = { url: `${url}/api/github/webhooks`, secret: plumbline.github.app.webhookSecret }
  return url
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}

/** A review that waits, because no worker runs. */
async function recordReview() {
  const pull = await plumbline.openPullRequest()
  const delivered = await plumbline.github.send(pull, 'opened')
  expect(delivered.status).toBe(202)
  const [record] = await plumbline.recordsOf(pull)
  return { path: `/reviews/${record?.id}`, pull }
}

test('a person watches a review from its place in the queue to its finding', async () => {
  const url = await startWeb(await freePort())
  const { path } = await recordReview()
  const { page } = await visit()
  await page.goto(url + path)
  await page.getByRole('status').getByText('queued').waitFor(patience)
  await page.evaluate(() => Object.assign(globalThis, { neverReloaded: true }))

  await plumbline.worker()
  await page.getByRole('row', { name: /^change:/ }).waitFor(patience)
  await page.getByRole('status').getByText('published').waitFor(patience)

  expect(await page.evaluate(() => 'neverReloaded' in globalThis)).toBe(true)
  expect(await page.locator('.hunk .comment h3').innerText()).toContain(findingTitle)
})

test('a review that ran while the web process was killed is on the page when it is back', async () => {
  const port = await freePort()
  const url = await startWeb(port)
  const { path, pull } = await recordReview()
  const { page } = await visit({}, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET/)
  await page.goto(url + path)
  await page.getByText('No step has been started.').waitFor(patience)

  await web?.kill9()
  await page.getByText('The connection is lost.').waitFor(patience)
  await plumbline.worker()
  await expect.poll(async () => (await plumbline.recordsOf(pull))[0]?.status, patience).toBe('published')
  await startWeb(port)
  await page.getByRole('status').getByText('published').waitFor(patience)

  const steps = await page.locator('.steps tbody tr:not(.attempt) .title code').allTextContents()
  const recorded = (await plumbline.recordsOf(pull))[0]?.spans
  expect(steps).toHaveLength(recorded?.length ?? 0)
  expect(steps).toContainEqual(expect.stringMatching(/^model:/))
})

test('a click cancels a review, and whoever else watches it sees that', async () => {
  const url = await startWeb(await freePort())
  const { path, pull } = await recordReview()
  const [clicker, watcher] = [await visit(), await visit()]
  for (const { page } of [clicker, watcher]) await page.goto(url + path)

  await clicker.page.getByRole('button', { name: 'Cancel this review' }).click()
  await watcher.page.getByText('A person cancelled it.').waitFor({ timeout: 10_000 })

  expect(await plumbline.recordsOf(pull)).toMatchObject([{ status: 'cancelled' }])
})
