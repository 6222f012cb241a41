// Whether GitHub knows our App, whether the App may do what it needs, and whether its deliveries reach us.
import { z } from 'zod'
import type { AppCredentials } from '../config.ts'
import type { Diagnosis } from '../doctor.ts'
import { answerOf, describeFailure } from './answer.ts'
import { createGitHub, type Octokit } from './client.ts'
import type { AppManifest } from './manifest.ts'
import { perPage, readPages } from './pages.ts'

export interface GitHubQuestions {
  app: AppCredentials
  apiUrl: string
  manifest: AppManifest
  /** Where deliveries should go; `undefined` when nobody said. */
  webhookUrl: string | undefined
}

const about = 'GitHub'
const ok = (sentence: string): Diagnosis => ({ about, mark: 'ok', sentence })
const warn = (sentence: string, fix: string): Diagnosis => ({ about, mark: 'warn', sentence, fix })
const fail = (sentence: string, fix: string): Diagnosis => ({ about, mark: 'fail', sentence, fix })

/** Reads only. Never throws. */
export async function checkGitHub(questions: GitHubQuestions): Promise<Diagnosis[]> {
  const { apiUrl, app, manifest, webhookUrl } = questions
  const log = { info: ignore, warn: ignore, error: ignore }
  const octokit = await createGitHub({ appId: app.id, privateKey: app.privateKey, apiUrl, log }).app()
  try {
    const reply = await octokit.request('GET /app')
    const { events, name, permissions, slug } = appShape.parse(reply.data)
    const registered = comparedWith(manifest, { who: 'The App', permissions, events, fix: 'on its settings page' })
    return [
      ok(`The key is valid; the App is called ${name}.`),
      checkClock(reply.headers.date),
      ...(registered ? [registered] : [ok('The App asks for the permissions and events of app.yml.')]),
      ...(await checkInstallations(octokit, manifest, slug)),
      await checkWebhook(octokit, webhookUrl),
      await checkDeliveries(octokit),
    ]
  } catch (error) {
    return whyRefused(error)
  }
}

const ignore = (): void => undefined
const rights = { permissions: z.record(z.string(), z.string().optional()), events: z.array(z.string()) }
const appShape = z.object({ ...rights, name: z.string(), slug: z.string() })

function whyRefused(error: unknown): Diagnosis[] {
  const answer = answerOf(error)
  if (answer?.status === 401) {
    const clock = checkClock(answer.headers['date'])
    const refusal = fail(
      'It does not accept APP_ID with this key.',
      'Take both from the same App, and a key that was not deleted.',
    )
    return clock.mark === 'ok' ? [refusal] : [refusal, clock]
  }
  if (answer?.status === 404) return [fail('It knows no such App.', 'Correct APP_ID, and GITHUB_API_URL if it is set.')]
  if (answer) return [fail(`${describeFailure('asking for the App', error).message}.`, 'Try again in a minute.')]
  return [fail('It cannot be reached.', 'Look at GITHUB_API_URL, HTTPS_PROXY, NODE_EXTRA_CA_CERTS and the firewall.')]
}

/**
 * A JWT of ours is dated half a minute back and lives for ten minutes; beyond a minute GitHub begins to refuse it.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
function checkClock(date: string | undefined): Diagnosis {
  const skewSeconds = Math.round((Date.now() - Date.parse(date ?? '')) / 1000)
  if (Number.isNaN(skewSeconds))
    return warn('Its answer carries no date to compare the clock with.', 'Look at the clock.')
  if (Math.abs(skewSeconds) < 30) return ok("This machine's clock is right.")
  const which = skewSeconds > 0 ? 'ahead' : 'behind'
  return fail(`This machine's clock is ${Math.abs(skewSeconds)} s ${which}.`, 'Set it, and keep it right with NTP.')
}

interface Rights {
  who: string
  permissions: Readonly<Record<string, string | undefined>>
  events: readonly string[]
  fix: string
}

/** `undefined`: nothing is missing. */
function comparedWith(manifest: AppManifest, { events, fix, permissions, who }: Rights): Diagnosis | undefined {
  const enough = (name: string, level: string): boolean => [level, 'write', 'admin'].includes(permissions[name] ?? '')
  const missing = [
    ...Object.entries(manifest.default_permissions)
      .filter(([name, level]) => !enough(name, level))
      .map(([name, level]) => `${name}: ${level}`),
    ...manifest.default_events.filter((name) => !events.includes(name)).map((name) => `the event ${name}`),
  ]
  if (missing.length === 0) return undefined
  return fail(`${who} lacks ${missing.join(', ')}.`, `Grant what app.yml lists, ${fix}.`)
}

const installationShape = z.object({
  ...rights,
  account: z.object({ login: z.string().optional() }).nullish(),
  suspended_at: z.string().nullish(),
})

/** https://docs.github.com/en/rest/apps/apps#list-installations-for-the-authenticated-app */
async function checkInstallations(octokit: Octokit, manifest: AppManifest, slug: string): Promise<Diagnosis[]> {
  const installations = await readPages(installationShape, (page) =>
    octokit.request('GET /app/installations', { per_page: perPage, page }),
  )
  if (installations.length === 0)
    return [fail('The App is installed nowhere.', `Open the App's page (${slug}) and choose "Install".`)]
  return installations.map((one) => {
    const who = `The installation of ${one.account?.login ?? 'an account'}`
    if (one.suspended_at) return warn(`${who} is suspended.`, 'Its owner can end that in the settings of the account.')
    const { events, permissions } = one
    const fix = 'by accepting the new permissions in the settings of the account'
    return comparedWith(manifest, { who, permissions, events, fix }) ?? ok(`${who} grants everything.`)
  })
}

const hookShape = z.object({ url: z.string().optional(), content_type: z.string().optional() })

/** https://docs.github.com/en/rest/apps/webhooks#get-a-webhook-configuration-for-an-app */
async function checkWebhook(octokit: Octokit, wanted: string | undefined): Promise<Diagnosis> {
  const { content_type: contentType, url } = hookShape.parse((await octokit.request('GET /app/hook/config')).data)
  const where = "on the App's settings page"
  if (!url) return fail('The App has no webhook URL.', `Set it ${where}; it ends in /api/github/webhooks.`)
  if (contentType !== 'json')
    return fail('Its deliveries are no JSON.', `Set the content type application/json ${where}.`)
  if (wanted === undefined) return warn(`Deliveries go to ${url}; is that here?`, 'Set PUBLIC_URL to have it compared.')
  if (url === wanted) return ok(`Deliveries go to ${url}.`)
  return fail(`Deliveries go to ${url} and not to ${wanted}.`, `Correct the webhook URL ${where}, or PUBLIC_URL.`)
}

const deliveryShape = z.object({ guid: z.string(), status_code: z.int() })

/** A failed delivery counts until the same GUID was taken. https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook */
async function checkDeliveries(octokit: Octokit): Promise<Diagnosis> {
  const { data } = await octokit.request('GET /app/hook/deliveries', { per_page: perPage })
  const deliveries = z.array(deliveryShape).parse(data)
  const isTaken = ({ status_code: status }: { status_code: number }): boolean => status >= 200 && status < 300
  const taken = new Set(deliveries.filter(isTaken).map((one) => one.guid))
  const lost = deliveries.filter((one) => !taken.has(one.guid))
  const guids = new Set(lost.map((one) => one.guid)).size
  if (guids === 0) return ok(`All of the last ${deliveries.length} deliveries were taken.`)
  const statuses = [...new Set(lost.map((one) => one.status_code))].join(', ')
  const sentence = `${guids} of the last ${deliveries.length} deliveries were not taken (status ${statuses}).`
  const fix = 'Workers ask for them again for three days. 401: another WEBHOOK_SECRET; 0: no way here.'
  return taken.size === 0 ? fail(sentence, fix) : warn(sentence, fix)
}
