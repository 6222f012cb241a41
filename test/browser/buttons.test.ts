import { expect, test } from 'vitest'
import { reviewId } from '../../src/review/ids.ts'
import { visit } from './chromium.ts'
import { looked, queued } from '../dashboard/queue/queue-sample.ts'
import { startPages } from './pages.ts'

test('a click cancels a running review, another one tries it again', async () => {
  const { reviews, url } = await startPages()
  const id = reviews.add({ status: 'running' })
  const { page } = await visit()
  await page.goto(`${url}/reviews/${id}`)

  await page.getByRole('button', { name: 'Cancel this review' }).click()
  await page.getByRole('status').getByText('cancelled').waitFor()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('status').getByText('queued').waitFor()

  expect((await reviews.read(id))?.review.status).toBe('queued')
  expect(page.url()).toBe(`${url}/reviews/${id}`)
})

test('the keyboard alone goes past the header and cancels', async () => {
  const { reviews, url } = await startPages()
  const id = reviews.add({ status: 'running' })
  const { page } = await visit()
  await page.goto(`${url}/reviews/${id}`)

  await page.keyboard.press('Tab')
  expect(await page.locator(':focus').textContent()).toBe('Skip to the content')
  await page.keyboard.press('Enter')
  const order: (string | null)[] = []
  for (let tab = 0; tab < 3; tab++) {
    await page.keyboard.press('Tab')
    order.push(await page.locator(':focus').textContent())
  }
  await page.keyboard.press('Enter')
  await page.getByRole('status').getByText('cancelled').waitFor()

  expect(order).toEqual(['Reviews', 'octo-org/hello-world#7', 'Cancel this review'])
  expect((await reviews.read(id))?.review.status).toBe('cancelled')
})

test('what has the focus is outlined', async () => {
  const { reviews, url } = await startPages()
  reviews.add({ status: 'failed' })
  const { page } = await visit()
  await page.goto(`${url}/reviews/1`)

  for (let tab = 0; tab < 5; tab++) await page.keyboard.press('Tab')

  const focused = page.locator(':focus')
  const outline = await focused.evaluate((element) => element.computedStyleMap().get('outline-style')?.toString())
  expect([await focused.getAttribute('id'), outline]).toEqual(['retry', 'solid'])
})

test('a button that came too late says why nothing happened', async () => {
  const { reviews, url } = await startPages()
  const id = reviews.add({ status: 'failed' })
  const { page } = await visit({}, /status of 409/)
  await page.goto(`${url}/reviews/${id}`)
  reviews.change(id, { status: 'published' })

  await page.getByRole('button', { name: 'Try again' }).click()

  await page.getByText('The review is published.').waitFor()
})

test('a form on another site cannot press the buttons', async () => {
  const { reviews, url } = await startPages({ password: 'right' })
  const id = reviews.add({ status: 'running' })
  const { page } = await visit({}, /status of 403/)
  await page.goto(`${url}/login`)
  await page.getByLabel('Password').fill('right')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Reviews' }).waitFor()

  const elsewhere = await startPages()
  await page.route(`${elsewhere.url}/evil`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${url}/reviews/${id}/cancel"><button>Win a prize</button></form>`,
    }),
  )
  await page.goto(`${elsewhere.url}/evil`)
  await page.getByRole('button').click()
  await page.getByText('did not come from a page of this site').waitFor()

  expect((await reviews.read(id))?.review.status).toBe('running')
})

test('trying all again takes a second press', async () => {
  const failed = ['1', '2'].map((id) => queued({ place: 'failed', id: reviewId(id), total: 2 }))
  const { reviews, url } = await startPages({ queue: looked(failed) })
  for (const { id } of failed) expect(reviews.add({ status: 'failed' })).toBe(id)
  const status = async (): Promise<unknown[]> =>
    Promise.all(failed.map(async ({ id }) => (await reviews.read(id))?.review.status))
  const { page } = await visit()
  await page.goto(`${url}/queue`)

  await page.getByText('Try all again').click()
  const before = await status()
  await page.getByRole('button', { name: 'Yes, try 2 again' }).click()
  await page.waitForLoadState()

  await expect.poll(status).toEqual(['queued', 'queued'])
  expect([before, page.url()]).toEqual([['failed', 'failed'], `${url}/queue`])
})

test('a person signs in, is led to the page they wanted, and signs out', async () => {
  const { reviews, url } = await startPages({ password: 'right' })
  const id = reviews.add({ title: 'Behind the door' })
  const { page } = await visit({}, /status of 401/)
  await page.goto(`${url}/reviews/${id}`)

  await page.getByLabel('Password').fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByText('That is not the password.').waitFor()
  await page.getByLabel('Password').fill('right')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Behind the door' }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.goto(url)

  expect(page.url()).toBe(`${url}/login?next=%2F`)
})

test('the list is narrowed by repository and by status with what the page offers', async () => {
  const { reviews, url } = await startPages()
  reviews.add({ title: 'Failed here', status: 'failed' })
  reviews.add({ title: 'Queued here' })
  reviews.add({ title: 'Failed elsewhere', status: 'failed', repo: 'other' })
  const { page } = await visit()
  await page.goto(url)

  await page.getByRole('link', { name: 'failed', exact: true }).click()
  await page.getByLabel('Repository').fill('octo-org/hello-world')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'All repositories' }).waitFor()

  const titles = await page.locator('td.title > a').allTextContents()
  expect(titles).toEqual(['Failed here'])
})
