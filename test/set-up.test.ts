// The first start without a GitHub App, from the line in the log to a reviewing web process.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type GitHubStandIn, startGitHub } from './support/github/github.ts'
import { testDatabaseUrl, testRedis } from './support/real.ts'

let github: GitHubStandIn
let folder: string
let env: Record<string, string>

beforeEach(async () => {
  github = await startGitHub()
  folder = mkdtempSync(join(tmpdir(), 'plumbline-set-up-'))
  env = {
    DATABASE_URL: await testDatabaseUrl(),
    REDIS_URL: testRedis().url,
    GITHUB_API_URL: github.url,
    GITHUB_SERVER_URL: github.url,
    PORT: '0',
  }
})
afterEach(async () => {
  expect(github.violations).toEqual([])
  await github.close()
  rmSync(folder, { recursive: true })
})

interface Web {
  /** Resolves with the first log line with this text. */
  says(text: string): Promise<{ url: string; here: string; port: number }>
  child: ChildProcess
  output: string[]
}

/** `node src/app.ts`, in a folder of its own. */
function startWeb(): Web {
  const entry = fileURLToPath(new URL('../src/app.ts', import.meta.url))
  const child = spawn(process.execPath, [entry], { cwd: folder, env: { PATH: process.env['PATH'] ?? '', ...env } })
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  const output: string[] = []
  const waiting: { text: string; resolve(line: string): void }[] = []
  const hear = (line: string): void => {
    output.push(line)
    for (const one of waiting) if (line.includes(one.text)) one.resolve(line)
  }
  createInterface({ input: child.stdout }).on('line', hear)
  createInterface({ input: child.stderr }).on('line', hear)
  return {
    child,
    output,
    async says(text) {
      const seen = output.find((line) => line.includes(text))
      const { promise, resolve } = Promise.withResolvers<string>()
      if (seen === undefined) waiting.push({ text, resolve })
      // Log lines are JSON; the ones that are waited for carry a `url`.
      return JSON.parse(seen ?? (await promise)) as { url: string; here: string; port: number }
    },
  }
}

/** The form that leads to GitHub, as a browser would send it. */
function formOf(page: string): { action: URL; manifest: Record<string, unknown> } {
  const unescape = (text: string): string => text.replaceAll('&quot;', '"').replaceAll('&amp;', '&')
  const action = /method="post"\s+action="([^"]+)"/.exec(page)?.[1] ?? ''
  const manifest = /name="manifest"\s+value="([^"]+)"/.exec(page)?.[1] ?? '{}'
  return { action: new URL(unescape(action)), manifest: JSON.parse(unescape(manifest)) as Record<string, unknown> }
}

/** What GitHub does when the form was sent and confirmed: it sends the browser back with a code. */
async function comeBack(form: { action: URL; manifest: Record<string, unknown> }): Promise<Response> {
  const code = 'a180b1a3d263c81bc6441d7b990bae27d4c10679'
  github.world.manifestCodes.add(code)
  const back = new URL(String(form.manifest['redirect_url']))
  back.search = new URLSearchParams({ code, state: form.action.searchParams.get('state') ?? '' }).toString()
  return fetch(back)
}

describe('who may', () => {
  test('nobody without the code from the log', async () => {
    const { url } = await startWeb().says('no GitHub App is configured')
    const wrong = new URL(url)
    wrong.searchParams.set('code', 'guessed')

    const replies = await Promise.all([fetch(new URL('/setup', url)), fetch(wrong), fetch(new URL('/setup/x', url))])

    expect(replies.map((one) => one.status)).toEqual([403, 403, 503])
  })

  test('a registration that did not begin here ends nowhere', async () => {
    const { url } = await startWeb().says('no GitHub App is configured')
    github.world.manifestCodes.add('somebody-elses')

    const reply = await fetch(new URL('/setup/callback?code=somebody-elses&state=guessed', url))

    expect(reply.status).toBe(403)
    expect(github.world.manifestCodes.has('somebody-elses')).toBe(true)
    expect(existsSync(join(folder, '.env'))).toBe(false)
  })

  test('with other settings missing as well, they are told, and nothing is served', async () => {
    delete env['DATABASE_URL']
    const web = startWeb()

    await once(web.child, 'exit')

    expect(web.child.exitCode).toBe(1)
    expect(web.output.join('\n')).toContain('DATABASE_URL is missing')
    expect(web.output.join('\n')).toContain('APP_ID is missing')
  })
})

describe("on a machine of one's own", () => {
  test('an address that GitHub cannot reach leads to the question for a webhook proxy', async () => {
    const { url } = await startWeb().says('no GitHub App is configured')

    const page = await (await fetch(url)).text()
    const refused = await fetch(`${url}&webhook=http://localhost:3000/hook`)

    expect(page).toContain('Where can GitHub reach this machine?')
    expect(refused.status).toBe(400)
  })

  test('the credentials are kept in .env, and the web process goes on with them', async () => {
    writeFileSync(join(folder, '.env'), '# mine\nGATHER_MS=0\nAPP_ID=\n')
    const web = startWeb()
    const { url } = await web.says('no GitHub App is configured')

    const page = await fetch(`${url}&webhook=https://smee.test/channel`)
    const done = await comeBack(formOf(await page.text()))

    expect(await done.text()).toContain('/installations/new')
    await web.says('"listening"')
    const kept = readFileSync(join(folder, '.env'), 'utf8')
    expect(kept).toMatch(/^# mine\nGATHER_MS=0\nAPP_ID=1000001\n/)
    expect(parseEnv(kept)).toMatchObject({
      PRIVATE_KEY: github.app.privateKey.trim(),
      WEBHOOK_SECRET: github.app.webhookSecret,
      WEBHOOK_PROXY_URL: 'https://smee.test/channel',
    })
  })

  test('the manifest is app.yml with the addresses, and the page may send it to GitHub only', async () => {
    const { url } = await startWeb().says('no GitHub App is configured')

    const reply = await fetch(`${url}&webhook=https://smee.test/channel&organization=octo-org`)
    const { action, manifest } = formOf(await reply.text())

    expect(action.href).toContain(`${github.url}/organizations/octo-org/settings/apps/new?state=`)
    expect(manifest).toMatchObject({
      name: 'plumbline',
      hook_attributes: { url: 'https://smee.test/channel', active: true },
      redirect_url: new URL('/setup/callback', url).href,
      default_permissions: { pull_requests: 'write', contents: 'read' },
      default_events: expect.arrayContaining(['pull_request', 'merge_group']),
    })
    expect(reply.headers.get('content-security-policy')).toContain(`form-action 'self' ${github.url};`)
    expect(reply.headers.get('cache-control')).toBe('no-store')
  })
})

describe('where no .env will last', () => {
  test('the values are shown, once, and nothing is written', async () => {
    env['HOST'] = '0.0.0.0'
    env['PUBLIC_URL'] = 'https://reviews.example.com'
    const { here, port, url } = await startWeb().says('no GitHub App is configured')
    const local = `http://127.0.0.1:${port}`

    const page = await fetch(url.replace(env['PUBLIC_URL'], local))
    const form = formOf(await page.text())
    const done = await comeBack(form)
    const again = await fetch(url.replace(env['PUBLIC_URL'], local))

    expect(here).toBe(url.replace(env['PUBLIC_URL'], `http://0.0.0.0:${port}`))
    expect(form.manifest['hook_attributes']).toMatchObject({ url: 'https://reviews.example.com/api/github/webhooks' })
    expect(await done.text()).toMatch(/APP_ID=1000001\nPRIVATE_KEY=&quot;-----BEGIN/)
    expect(again.status).toBe(403)
    expect(existsSync(join(folder, '.env'))).toBe(false)
  })
})
