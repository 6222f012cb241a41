// From GitHub's webhook payload to a hook: what is reviewed without being asked, and what is not.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
import { z } from 'zod'
import type { CloseHook, Hook, ReviewHook } from '../jobs/hook.ts'
import { type DeliveryId, deliveryId } from '../review/ids.ts'
import { id, repositoryName, sha } from './fields.ts'

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
/** Their pull requests change dependencies and generated files; a person can still ask for a review. */
const ignoredAuthors = ['dependabot[bot]', 'renovate[bot]', 'github-actions[bot]']

const envelope = z.object({ action: z.string().max(100) })
const installed = z.object({ installation: z.object({ id }).optional() })
const pullRequestPayload = z.object({
  repository: z.object({ id, name: repositoryName, owner: z.object({ login: repositoryName }) }),
  pull_request: z.object({
    number: id,
    title: z.string(),
    state: z.string(),
    draft: z.boolean().optional(),
    merged: z.boolean().nullish(),
    updated_at: z.iso.datetime({ offset: true }),
    // `null` when the account was deleted.
    user: z.object({ login: z.string().min(1) }).nullable(),
    head: z.object({ sha }),
    base: z.object({ ref: z.string().min(1) }),
  }),
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
  const { draft, state, user } = payload.pull_request
  if (action === 'edited' && payload.changes?.base === undefined) return 'only the title or the body was edited'
  if (state !== 'open') return 'the pull request is closed'
  if (draft) return 'the pull request is a draft'
  const login = user?.login.toLowerCase()
  if (login !== undefined && (ignoredAuthors.includes(login) || login === ownLogin?.toLowerCase()))
    return `pull requests of ${login} are not reviewed without being asked`
  return undefined
}

function toReview(payload: PullRequestPayload, event: HookEvent, installationId: number): Hook {
  const { pull_request: pullRequest, repository } = payload
  return {
    ...event,
    kind: 'review',
    ref: {
      installationId,
      repositoryId: repository.id,
      owner: repository.owner.login,
      repo: repository.name,
      number: pullRequest.number,
      headSha: pullRequest.head.sha,
      baseRef: pullRequest.base.ref,
      kind: 'pull_request',
    },
    title: pullRequest.title,
    author: pullRequest.user?.login ?? 'ghost',
    trigger: 'hook',
  }
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
