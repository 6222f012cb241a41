// The Probot app function: hears pull requests, and records what they ask for.
import type { Probot } from 'probot'
import type { Hook } from '../jobs/hook.ts'
import type { Log } from '../jobs/ports.ts'
import { type WebhookDelivery, toHook } from './hooks.ts'

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
    app.on('pull_request', async (context) => {
      const { id, name, payload } = context
      const hook = toHook({ id, name, payload }, deps.ownLogin)
      if (hook.kind !== 'ignored') return void (await deps.record(hook))
      deps.log.info({ delivery: id, event: name, action: payload.action, reason: hook.reason }, 'delivery ignored')
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
