import type { Request } from 'playwright-core'
import { expect, test } from 'vitest'
import { span } from '../http/reviews-in-memory.ts'
import { visit } from './chromium.ts'
import { startPages } from './pages.ts'

const patience = { timeout: 10_000 }

test('a running review shows its steps, findings and end without a reload, and listens no longer than that', async () => {
  const { listeners, publish, reviews, url } = await startPages()
  const id = reviews.add({ status: 'running' })
  const { page } = await visit()
  await page.goto(`${url}/reviews/${id}`)
  await page.evaluate(() => Object.assign(globalThis, { neverReloaded: true }))

  reviews.putSpan(id, span({ key: 'first step', status: 'running', endedAt: null, startedAt: new Date() }))
  publish(id)
  const row = page.getByRole('row', { name: /first step/ })
  await row.getByText('running').waitFor(patience)
  await row.getByText(/^[1-9] s$/).waitFor(patience)
  reviews.putSpan(id, span({ key: 'first step', status: 'finished' }))
  publish(id)
  await row.getByText('finished').waitFor(patience)
  reviews.change(id, { status: 'published', verdict: 'clean', coverage: 'full' })
  publish(id)
  await page.getByRole('status').getByText('published').waitFor(patience)

  expect(await page.evaluate(() => 'neverReloaded' in globalThis)).toBe(true)
  expect(await page.getByRole('button').count()).toBe(0)
  await expect.poll(() => listeners(id), patience).toBe(0)
})

test('steps written while the web process is away appear when it is back', async () => {
  const { publish, reviews, start, stop, url } = await startPages()
  const id = reviews.add({ status: 'running' })
  reviews.putSpan(id, span({ key: 'before' }))
  const { page } = await visit({}, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET/)
  await page.goto(`${url}/reviews/${id}`)
  await page.getByRole('row', { name: /before/ }).waitFor(patience)

  await stop()
  await page.getByText('The connection is lost.').waitFor(patience)
  for (const key of ['away one', 'away two']) reviews.putSpan(id, span({ key }))
  publish(id)
  await start()

  await page.getByRole('row', { name: /away two/ }).waitFor(patience)
  expect(await page.getByRole('row', { name: /away one|before/ }).count()).toBe(2)
  expect(await page.getByText('The connection is lost.').isVisible()).toBe(false)
})

test('a browser that comes back names the last step it was sent', async () => {
  const { publish, reviews, start, stop, url } = await startPages()
  const id = reviews.add({ status: 'running' })
  const { page } = await visit({}, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET/)
  const connections: Request[] = []
  page.on('request', (request) => request.url().endsWith('/events') && connections.push(request))
  await page.goto(`${url}/reviews/${id}`)
  reviews.putSpan(id, span({ key: 'one' }))
  publish(id)
  await page.getByRole('row', { name: /one/ }).waitFor(patience)

  await stop()
  await page.getByText('The connection is lost.').waitFor(patience)
  reviews.putSpan(id, span({ key: 'two' }))
  await start()
  await page.getByRole('row', { name: /two/ }).waitFor(patience)

  const named = await Promise.all(connections.map(async (one) => (await one.allHeaders())['last-event-id']))
  expect([named.at(0), named.at(-1)]).toEqual([undefined, '2'])
})

test('a page that is refused for a while asks again by itself', async () => {
  const { publish, reviews, url } = await startPages()
  const id = reviews.add({ status: 'running' })
  const { page } = await visit({}, /status of 503/)
  let refusals = 0
  await page.route('**/events', (route) => (++refusals > 1 ? route.continue() : route.fulfill({ status: 503 })))
  await page.goto(`${url}/reviews/${id}`)
  await page.getByText('The connection is lost.').waitFor(patience)

  reviews.putSpan(id, span({ key: 'meanwhile' }))
  publish(id)

  await page.getByRole('row', { name: /meanwhile/ }).waitFor(patience)
})

test('a review that is gone shows that there is none, and is not asked for again', async () => {
  const { reviews, start, stop, url } = await startPages()
  const id = reviews.add({ status: 'running' })
  const { page } = await visit({}, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|404/)
  await page.goto(`${url}/reviews/${id}`)
  await page.getByRole('button', { name: 'Cancel this review' }).waitFor(patience)

  await stop()
  Object.assign(reviews, { read: async () => undefined, changesSince: async () => undefined })
  await start()

  await page.getByRole('heading', { name: 'No such review' }).waitFor(patience)
  expect(await page.getByText('The connection is lost.').count()).toBe(0)
})

test('where the session has ended while the connection was lost, the page leads to the login', async () => {
  const { reviews, start, stop, url } = await startPages({ password: 'right' })
  const id = reviews.add({ status: 'running' })
  const { context, page } = await visit(
    {},
    /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|401/,
  )
  await page.goto(`${url}/login?next=/reviews/${id}`)
  await page.getByLabel('Password').fill('right')
  await page.getByRole('button').click()
  await page.getByRole('button', { name: 'Cancel this review' }).waitFor(patience)

  await stop()
  await context.clearCookies()
  await start()

  await page.getByLabel('Password').waitFor(patience)
  expect(page.url()).toBe(`${url}/login?next=%2Freviews%2F${id}`)
})

test('a review that ends while its page is refused shows its end, and nothing of a lost connection', async () => {
  const { listeners, reviews, url } = await startPages()
  const id = reviews.add({ status: 'running' })
  const { page } = await visit({}, /status of 503/)
  await page.route('**/events', (route) => {
    reviews.change(id, { status: 'published', verdict: 'clean', coverage: 'full' })
    return route.fulfill({ status: 503 })
  })

  await page.goto(`${url}/reviews/${id}`)

  await page.getByRole('status').getByText('published').waitFor(patience)
  await expect.poll(() => page.getByText('The connection is lost.').isVisible(), patience).toBe(false)
  expect(listeners(id)).toBe(0)
})

test('the focus stays on the button that somebody is about to press while the page changes around it', async () => {
  const { publish, reviews, url } = await startPages()
  const id = reviews.add({ status: 'running' })
  const { page } = await visit()
  await page.goto(`${url}/reviews/${id}`)
  await page.getByRole('button', { name: 'Cancel this review' }).focus()

  reviews.putSpan(id, span({ key: 'a step' }))
  publish(id)
  await page.getByRole('row', { name: /a step/ }).waitFor(patience)

  expect(await page.locator(':focus').getAttribute('id')).toBe('cancel')
})
