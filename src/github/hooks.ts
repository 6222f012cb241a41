// From GitHub's webhook payload to a hook: what is reviewed without being asked, and what is not.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
import { z } from 'zod'
import type { CloseHook, Hook, ReviewHook } from '../jobs/hook.ts'
import { type DeliveryId, deliveryId } from '../review/ids.ts'
import { headOf, pullRequestFields, reasonToLeave, repositoryFields } from './app/automatic.ts'
import { id } from './fields.ts'

/** A delivery whose signature was checked. */
export interface WebhookDelivery {
  /** `X-GitHub-Delivery`. */
  id: string
  /** `X-GitHub-Event`. */
  name: string
  payload: unknown
}

export interface IgnoredDelivery {
  kind: 'ignored'
  reason: string
}

/** GitHub's part of the payload is not what GitHub documents. The message names the field, never its value. */
export class MalformedPayloadError extends Error {
  override readonly name = 'MalformedPayloadError'
  /** HTTP, for the webhook edge. */
  readonly status = 400
}

const reviewed = new Set(['opened', 'reopened', 'ready_for_review', 'synchronize', 'edited'])
const closing = new Set(['closed', 'converted_to_draft'])
const envelope = z.object({ action: z.string().max(100) })
const installed = z.object({ installation: z.object({ id }).optional() })
const pullRequestPayload = z.object({
  repository: repositoryFields,
  pull_request: pullRequestFields.extend({ merged: z.boolean().nullish() }),
  changes: z.object({ base: z.unknown() }).partial().optional(),
})
type PullRequestPayload = z.infer<typeof pullRequestPayload>

/** What every hook tells of its delivery. */
type HookEvent = Pick<ReviewHook | CloseHook, 'deliveryId' | 'event' | 'action' | 'updatedAt'>

/**
 * Throws `MalformedPayloadError` when a field that is used is missing or of the wrong type. `ownLogin` is the login of
 * the App's own user, whose pull requests are not reviewed either.
 */
export function toHook(delivery: WebhookDelivery, ownLogin?: string): Hook | IgnoredDelivery {
  if (delivery.name !== 'pull_request') return ignored(`the event ${delivery.name.slice(0, 100)} starts nothing`)
  const { action } = parse(envelope, delivery)
  if (!reviewed.has(action) && !closing.has(action)) return ignored(`the action ${action} starts nothing`)
  const { installation } = parse(installed, delivery)
  if (!installation)
    return ignored('the delivery names no installation: it comes from a repository hook, not from the App')

  const payload = parse(pullRequestPayload, delivery)
  const { updated_at: updatedAt } = payload.pull_request
  const event: HookEvent = { deliveryId: parseGuid(delivery), event: delivery.name, action, updatedAt }
  if (closing.has(action)) return toClose(payload, event)
  const reason = reasonToIgnore(payload, action, ownLogin)
  return reason === undefined ? toReview(payload, event, installation.id) : ignored(reason)
}

function reasonToIgnore(payload: PullRequestPayload, action: string, ownLogin?: string): string | undefined {
  if (action === 'edited' && payload.changes?.base === undefined) return 'only the title or the body was edited'
  return reasonToLeave(payload.pull_request, ownLogin)
}

function toReview(payload: PullRequestPayload, event: HookEvent, installationId: number): Hook {
  const head = headOf(payload.pull_request, payload.repository, installationId)
  return { ...event, kind: 'review', ...head, trigger: 'hook' }
}

function toClose(payload: PullRequestPayload, event: HookEvent): Hook {
  const { merged, number } = payload.pull_request
  const closed = merged ? 'The pull request was merged.' : 'The pull request was closed.'
  const reason = event.action === 'closed' ? closed : 'The pull request was made a draft.'
  return { ...event, kind: 'close', repositoryId: payload.repository.id, number, reason }
}

export function ignored(reason: string): IgnoredDelivery {
  return { kind: 'ignored', reason }
}

export function parse<T>(schema: z.ZodType<T>, delivery: WebhookDelivery): T {
  const parsed = schema.safeParse(delivery.payload)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `"${issue.path.join('.')}": ${issue.message}`)
  throw new MalformedPayloadError(`the ${delivery.name} payload cannot be used: ${problems.slice(0, 5).join('; ')}`)
}

export function parseGuid(delivery: WebhookDelivery): DeliveryId {
  try {
    return deliveryId(delivery.id)
  } catch (cause) {
    throw new MalformedPayloadError('the X-GitHub-Delivery header is not a GUID', { cause })
  }
}
