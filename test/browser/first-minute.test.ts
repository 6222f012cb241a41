// The first minute: nothing is set, `npm start`, one click, and a review stands in its diff. And the other page that a newcomer
// meets: the one that registers an App.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type PlumblineProcess, startProcess } from '../support/processes.ts'
import { wrongOn } from './axe.ts'
import { visit } from './chromium.ts'

let folder: string
let started: PlumblineProcess | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-minute-'))
})
afterEach(async () => {
  await started?.kill9()
  rmSync(folder, { recursive: true, force: true })
})

/** A minute is the promise; the start of PGlite's first folder is most of it. */
const aMinute = 60_000

test(
  'with nothing set, one click leads to a review in its diff within a minute',
  { timeout: 2 * aMinute },
  async () => {
    const began = performance.now()
    started = startProcess('src/start.ts', { DATA_DIR: join(folder, 'data'), PORT: '0' })
    const line = await started.line(/^Look at /)
    const { page } = await visit()
    await page.goto(line.replace('Look at ', ''))
    const onStartPage = await wrongOn(page)

    await page.getByRole('button', { name: 'Replay a sample pull request' }).click()
    await page.getByText('The loop runs one step past the end of items').waitFor({ timeout: aMinute })

    const took = performance.now() - began
    process.stdout.write(`from npm start to a review in its diff: ${(took / 1000).toFixed(1)} s\n`)
    expect(took).toBeLessThan(aMinute)
    const hunk = page.locator('article', { hasText: 'The loop runs one step past the end of items' })
    expect(await hunk.getByText('index <= items.length').first().isVisible()).toBe(true)
    await page.getByRole('status').getByText('published').waitFor()
    expect([...onStartPage, ...(await wrongOn(page))]).toEqual([])
  },
)

test.each(['light', 'dark'] as const)(
  'the page that registers an App has nothing for axe in %s',
  async (colorScheme) => {
    started = startProcess('src/cli.ts', { PORT: '0' }, ['setup'])
    const { url } = JSON.parse(await started.line(/"msg":"no GitHub App is configured/)) as { url: string } // our log line
    const { page } = await visit({ colorScheme, viewport: { width: 390, height: 850 } })

    await page.goto(url)

    expect(await page.getByRole('button').count()).toBeGreaterThan(0)
    expect(await wrongOn(page)).toEqual([])
    expect(await page.locator('html').evaluate((root) => root.scrollWidth)).toBeLessThanOrEqual(390)
  },
)
