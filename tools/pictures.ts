// The README's pictures: `node tools/pictures.ts` starts Plumbline with nothing set, clicks once, and photographs what a person
// sees. Needs a Chromium: CHROMIUM_PATH, or an installed one.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium, type Page } from 'playwright-core'

const executablePath =
  process.env['CHROMIUM_PATH'] ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
if (executablePath === undefined) throw new Error('Install chromium, or set CHROMIUM_PATH.')

const dataDir = mkdtempSync(join(tmpdir(), 'plumbline-pictures-'))
const server = spawn(process.execPath, ['src/start.ts'], {
  env: { PATH: process.env['PATH'], DATA_DIR: dataDir, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const started = performance.now()
  const url = await addressOf(server)
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  const page = await browser.newPage({ viewport: { width: 1360, height: 760 }, deviceScaleFactor: 2 })
  await takeAll(page, url)
  console.log(`From start to the last picture: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  await browser.close()
} finally {
  server.kill('SIGTERM')
  rmSync(dataDir, { recursive: true, force: true })
}

/** The second line that `npm start` prints. */
async function addressOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no output')
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /^Look at (\S+)/.exec(line)?.[1]
    if (address !== undefined) return address
  }
  throw new Error('npm start ended before it was ready')
}

async function takeAll(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.getByRole('button', { name: 'Replay a sample pull request' }).click()
  await page
    .getByText(/^published$/i)
    .first()
    .waitFor()
  await page.getByRole('region', { name: 'Findings' }).screenshot({ path: 'docs/pictures/review.png' })
  await page.getByRole('region', { name: 'Steps' }).screenshot({ path: 'docs/pictures/steps.png' })
  await page.goto(url)
  await page.screenshot({ path: 'docs/pictures/dashboard.png' })
}
