// The Probot app function: hears pull requests and what becomes of its access, and records what they ask for.
import type { Probot } from 'probot'
import type { Hook } from '../jobs/hook.ts'
import type { Log } from '../jobs/ports.ts'
import { toAccessHook } from './app/access-hooks.ts'
import { type IgnoredDelivery, type WebhookDelivery, toHook } from './hooks.ts'

export interface AppDeps {
  /** Resolves when the hook is committed. What it throws reaches whoever delivered. */
  record(hook: Hook): Promise<unknown>
  log: Pick<Log, 'info'>
  /** The login of the App's own user, if known: its pull requests are not reviewed. */
  ownLogin?: string
}

/** For `probot.load`. The handler ends when the hook is recorded; reviewing is the worker's business. */
export function createApp(deps: AppDeps): (app: Probot) => void {
  return (app) => {
    const take = async (delivery: WebhookDelivery, hook: Hook | IgnoredDelivery): Promise<void> => {
      if (hook.kind !== 'ignored') return void (await deps.record(hook))
      deps.log.info({ delivery: delivery.id, event: delivery.name, reason: hook.reason }, 'delivery ignored')
    }
    app.on('pull_request', ({ id, name, payload }) => {
      const delivery = { id, name, payload }
      return take(delivery, toHook(delivery, deps.ownLogin))
    })
    app.on(['installation', 'installation_repositories', 'repository'], ({ id, name, payload }) => {
      const delivery = { id, name, payload }
      return take(delivery, toAccessHook(delivery))
    })
  }
}

/**
 * Hands a delivery, its signature checked, to the app function, and throws what the handler threw. Probot collects the
 * errors and pins the whole payload to each: that must reach neither a log nor a reply.
 */
export async function receiveDelivery(probot: Probot, delivery: WebhookDelivery): Promise<void> {
  try {
    // The names and payloads of GitHub's events; `toHook` checks what is used of them.
    await probot.receive(delivery as Parameters<Probot['receive']>[0])
  } catch (error) {
    const first: unknown = error instanceof AggregateError ? error.errors[0] : error
    if (first instanceof Error) Reflect.deleteProperty(first, 'event')
    throw first
  }
}
