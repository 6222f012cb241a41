import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { fullQueue } from '../dashboard/queue/queue-sample.ts'
import { wrongOn } from './axe.ts'
import { visit } from './chromium.ts'
import { startPages } from './pages.ts'
import { addSample, sampleNow } from './sample.ts'

/** Every page there is, each in its states. */
async function everyPage(): Promise<Record<string, string>> {
  const [full, empty, locked] = await Promise.all([
    startPages({ now: sampleNow, queue: fullQueue }),
    startPages({ now: sampleNow }),
    startPages({ password: 'x' }),
  ])
  const richest = addSample(full.reviews)
  return {
    list: full.url,
    'filtered list': `${full.url}/?status=failed&repo=octo-org/hello-world`,
    'list without a match': `${full.url}/?status=failed&repo=octo-org/none`,
    'empty list': empty.url,
    'bad filter': `${full.url}/?status=odd`,
    'published review': `${full.url}/reviews/${richest}`,
    'running review': `${full.url}/reviews/2`,
    'failed review': `${full.url}/reviews/9`,
    'no such review': `${full.url}/reviews/999`,
    queue: `${full.url}/queue`,
    'empty queue': `${empty.url}/queue`,
    login: `${locked.url}/login`,
  }
}

async function unfold(page: Page): Promise<void> {
  for (const folded of await page.locator('details:not([open])').all())
    await folded.evaluate((one) => one.setAttribute('open', ''))
}

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test.each([1366, 390])('axe finds nothing on any page at a width of %i', async (width) => {
    const { page } = await visit({ colorScheme, viewport: { width, height: 850 } }, /status of 40[04]/)
    const wrong: Record<string, string[]> = {}

    for (const [name, url] of Object.entries(await everyPage())) {
      await page.goto(url)
      await unfold(page)
      wrong[name] = await wrongOn(page)
    }

    expect(Object.keys(wrong)).toHaveLength(12)
    expect(Object.entries(wrong).filter(([, found]) => found.length > 0)).toEqual([])
  })
})

test.each([320, 390, 768, 1024, 1200, 1220, 1366])('no page scrolls sideways at a width of %i', async (width) => {
  const { page } = await visit({ viewport: { width, height: 850 } }, /status of 40[04]/)
  const widths: Record<string, number> = {}

  for (const [name, url] of Object.entries(await everyPage())) {
    await page.goto(url)
    await unfold(page)
    widths[name] = await page.locator('html').evaluate((root) => root.scrollWidth)
  }

  expect(Object.entries(widths).filter(([, scrolled]) => scrolled > width)).toEqual([])
})

test('axe is really looking: it finds a button without a name', async () => {
  const { url } = await startPages()
  const { page } = await visit()
  await page.goto(url)

  await page.locator('main').evaluate((main) => main.insertAdjacentHTML('beforeend', '<button></button>'))

  expect(await wrongOn(page)).toEqual([expect.stringContaining('button-name')])
})

test('a finding stands under its line, between the lines around it', async () => {
  const { reviews, url } = await startPages({ now: sampleNow })
  const { page } = await visit()

  await page.goto(`${url}/reviews/${addSample(reviews)}`)

  const hunk = page.locator('.hunk').first()
  const above = await hunk.locator('table').first().locator('tr').last().innerText()
  const below = await hunk.locator('table').last().locator('tr').first().innerText()
  expect(above.split('\t')).toEqual(['', '7', '+', expect.stringContaining('for (let i = 0; i <= items.length; i++)')])
  expect(below.split('\t')).toEqual(['', '8', '+', '  return total(items)'])
  expect(await hunk.locator('.comment h3').innerText()).toContain('The loop reads past the end of the items')
})

test('what was held back is unfolded with a key', async () => {
  const { reviews, url } = await startPages({ now: sampleNow })
  const { page } = await visit()
  await page.goto(`${url}/reviews/${addSample(reviews)}`)
  const refuted = page.getByText('Prices are taken from the request')
  expect(await refuted.isVisible()).toBe(false)

  await page.getByText('Held back (2)').focus()
  await page.keyboard.press('Enter')

  await refuted.waitFor({ state: 'visible' })
})
