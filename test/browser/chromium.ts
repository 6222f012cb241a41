// A real Chromium for the tests of this folder: the one that CHROMIUM_PATH names, else an installed one. Never skips.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, expect, onTestFinished } from 'vitest'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

function findChromium(): string {
  const given = process.env['CHROMIUM_PATH']
  if (given) return given
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable)
  if (found === undefined)
    throw new Error(
      'No Chromium is installed. Debian: apt-get install chromium. Or set CHROMIUM_PATH to a Chromium or Chrome.',
    )
  return found
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Nothing that reaches for the network by itself. `--no-sandbox`, because tests in containers run as root. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

let launching: Promise<Browser> | undefined
afterAll(async () => (await launching)?.close())

export interface Visit {
  page: Page
  context: BrowserContext
  /** Errors on the console and in scripts, and requests to anywhere but this machine. */
  complaints: string[]
}

/** A fresh profile with one page. At the end of the test, it must have complained of nothing but what `allowed` matches. */
export async function visit(options: BrowserContextOptions = {}, allowed = /^$/): Promise<Visit> {
  launching ??= chromium.launch({ executablePath: findChromium(), args: flags })
  const context = await (await launching).newContext({ reducedMotion: 'reduce', ...options })
  const complaints: string[] = []
  const complain = (sentence: string): void => void (allowed.test(sentence) || complaints.push(sentence))
  const page = await context.newPage()
  page.on('console', (message) => message.type() === 'error' && complain(`console: ${message.text()}`))
  page.on('pageerror', (error) => complain(`script: ${error.message}`))
  page.on('request', (request) => {
    if (new URL(request.url()).hostname !== '127.0.0.1') complain(`foreign request: ${request.url()}`)
  })
  onTestFinished(async () => {
    await context.close()
    expect(complaints).toEqual([])
  })
  return { page, context, complaints }
}
