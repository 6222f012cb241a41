// Registering the GitHub App from the browser, on a first start without one.
// https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
//
// What must always hold: only who can read the log gets in, because the first page asks for a code that is printed there;
// and only a registration that began here can end here, because GitHub's answer must carry a `state` of ours, once. Both end
// with the first App whose credentials arrived: nobody replaces it from outside.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { type Context, Hono } from 'hono'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { AppManifest, RegisteredApp } from '../../github/manifest.ts'
import type { Log } from '../../jobs/ports.ts'
import { isLoopback } from '../loopback.ts'
import { webhookPath } from '../server.ts'

type Page = HtmlEscapedString | Promise<HtmlEscapedString>

/** What the pages show. */
export interface SetupPages {
  /** Asks for an address at which GitHub reaches this machine. `problem` is a sentence. */
  address(form: { code: string; problem?: string }): Page
  /** A form that takes the manifest to GitHub. */
  register(form: { action: string; code: string; manifest: string; organization: string; webhookUrl: string }): Page
  /** `values` are the lines for `.env`, where it could not be written. */
  done(app: { installUrl: string; values: string[] | undefined }): Page
}

export interface SetupOptions {
  /** The one-time code that the log shows. */
  code: string
  manifest: AppManifest
  /** Without a slash at its end. */
  serverUrl: string
  publicUrl: string | undefined
  proxyUrl: string | undefined
  convert(code: string): Promise<RegisteredApp>
  /** Takes the credentials. Answers the lines to show when it could not keep them. */
  keep(values: Record<string, string>): Promise<string[] | undefined>
  /** Called once, after the last page is on its way. */
  finished(): void
  pages: SetupPages
  log: Log
}

/** What GitHub gives one registration. https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest */
const registrationMs = 3_600_000

/** What began here and has not ended, by its `state`. */
interface Begun {
  over: boolean
  registrations: Map<string, { until: number; proxyUrl: string | undefined }>
}

/** `GET /setup?code=…` and `GET /setup/callback`. */
export function createSetup(options: SetupOptions): Hono {
  const begun: Begun = { over: false, registrations: new Map() }
  return new Hono()
    .use('/setup/*', async (c, next) => {
      await next()
      c.header('cache-control', 'no-store')
    })
    .get('/setup', (c) => begin(c, begun, options))
    .get('/setup/callback', (c) => end(c, begun, options))
}

function begin(c: Context, begun: Begun, options: SetupOptions): Response | Promise<Response> {
  const { code = '', organization = '', webhook = '' } = c.req.query()
  if (begun.over || !isSame(code, options.code)) return refuse(c, 'Open the address that the log of this server shows.')
  const asked = originOf(c)
  const here = options.publicUrl ?? asked
  const proxyUrl = (webhook === '' ? options.proxyUrl : webhook)?.replace(/\/+$/, '')
  if (proxyUrl !== undefined && !isReachable(proxyUrl))
    return c.html(options.pages.address({ code, problem: 'That is no address that GitHub can reach.' }), 400)
  if (proxyUrl === undefined && !isReachable(here)) return c.html(options.pages.address({ code }))
  const state = randomBytes(24).toString('base64url')
  begun.registrations.set(state, { until: Date.now() + registrationMs, proxyUrl })
  const webhookUrl = proxyUrl ?? here + webhookPath
  const manifest = JSON.stringify(manifestOf(options, webhookUrl, isReachable(asked) ? here : asked))
  const owner = /^[\w-]{1,100}$/.test(organization) ? `organizations/${organization}/` : ''
  const action = `${options.serverUrl}/${owner}settings/apps/new?state=${state}`
  return c.html(options.pages.register({ action, code, manifest, organization, webhookUrl }))
}

async function end(c: Context, begun: Begun, options: SetupOptions): Promise<Response> {
  const { code = '', state = '' } = c.req.query()
  const known = begun.registrations.get(state)
  begun.registrations.delete(state)
  if (begun.over || !known || known.until < Date.now() || code === '')
    return refuse(c, 'This registration did not begin here, or is over. Open the address in the log again.')
  const app = await options.convert(code)
  begun.over = true
  const values = await options.keep({
    APP_ID: String(app.id),
    PRIVATE_KEY: app.privateKey,
    WEBHOOK_SECRET: app.webhookSecret,
    ...(known.proxyUrl === undefined ? {} : { WEBHOOK_PROXY_URL: known.proxyUrl }),
  })
  options.log.info({ app: app.id, kept: values === undefined }, 'GitHub App registered')
  if (values === undefined) setImmediate(options.finished)
  return c.html(options.pages.done({ installUrl: `${app.htmlUrl}/installations/new`, values }))
}

/** `back`: where the browser is, which may be this machine while deliveries go to another one. */
function manifestOf({ manifest, publicUrl }: SetupOptions, webhookUrl: string, back: string): object {
  return {
    ...manifest,
    url: publicUrl ?? manifest.url,
    hook_attributes: { url: webhookUrl, active: true },
    redirect_url: `${back}/setup/callback`,
  }
}

/** As the browser sees us. Proxies that end TLS say so. */
function originOf(c: Context): string {
  const scheme = c.req.header('x-forwarded-proto') === 'https' ? 'https' : 'http'
  return `${scheme}://${c.req.header('host') ?? 'localhost'}`
}

function isReachable(address: string): boolean {
  const url = URL.parse(address)
  return url !== null && /^https?:$/.test(url.protocol) && !isLoopback(url.hostname)
}

function isSame(given: string, code: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(code)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function refuse(c: Context, sentence: string): Response {
  return c.text(`${sentence}\n`, 403)
}
