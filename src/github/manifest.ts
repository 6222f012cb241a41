// The App as we want it to be registered: `app.yml`. The set-up page sends it, and the doctor compares with it.
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { createGitHubFetch } from './fetch.ts'

const manifest = z.strictObject({
  name: z.string(),
  description: z.string(),
  url: z.url(),
  public: z.boolean(),
  default_permissions: z.record(z.string(), z.enum(['read', 'write'])),
  default_events: z.array(z.string()),
})

export type AppManifest = z.infer<typeof manifest>

export async function readManifest(): Promise<AppManifest> {
  return manifest.parse(parse(await readFile(new URL('../../app.yml', import.meta.url), 'utf8')))
}

/** A freshly registered App. The key and the secret are shown once, here, and never again. */
export interface RegisteredApp {
  id: number
  /** PEM. */
  privateKey: string
  webhookSecret: string
  /** Its public page; `/installations/new` below it installs it. */
  htmlUrl: string
}

const conversion = z.object({ id: z.int(), pem: z.string(), webhook_secret: z.string(), html_url: z.url() })

/**
 * Exchanges the code that GitHub's redirect carries; it lives for an hour and works once. Throws an `Error` that says what
 * GitHub answered. https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest
 */
export async function convertManifest(apiUrl: string, code: string): Promise<RegisteredApp> {
  const url = `${apiUrl}/app-manifests/${encodeURIComponent(code)}/conversions`
  const headers = { accept: 'application/vnd.github+json', 'user-agent': 'plumbline' }
  const reply = await createGitHubFetch(apiUrl)(url, { method: 'POST', headers })
  if (reply.status !== 201) throw new Error(`GitHub answered ${reply.status} to the code of the new App`)
  const app = conversion.parse(await reply.json())
  return { id: app.id, privateKey: app.pem, webhookSecret: app.webhook_secret, htmlUrl: app.html_url }
}
