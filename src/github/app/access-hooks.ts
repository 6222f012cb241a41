// What GitHub tells of the App's access: to which repositories, and under which name.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation (and installation_repositories, repository)
import { z } from 'zod'
import type { AccessHook } from '../../jobs/hook.ts'
import { id } from '../fields.ts'
import { repositoryFields } from './automatic.ts'
import { type IgnoredDelivery, ignored, parse, parseGuid, type WebhookDelivery } from '../hooks.ts'

const installationPayload = z.object({ action: z.string().max(100), installation: z.object({ id }) })
const removedPayload = installationPayload.extend({ repositories_removed: z.array(z.object({ id })) })
const repositoryPayload = z.object({
  action: z.string().max(100),
  repository: repositoryFields,
  installation: z.object({ id }).optional(),
})

/** Throws `MalformedPayloadError`. Everything that is not about access that ended or a name that changed is ignored. */
export function toAccessHook(delivery: WebhookDelivery): AccessHook | IgnoredDelivery {
  switch (delivery.name) {
    case 'installation':
      return ofInstallation(delivery)
    case 'installation_repositories':
      return ofRemoval(delivery)
    case 'repository':
      return ofRepository(delivery)
    default:
      return ignored(`the event ${delivery.name.slice(0, 100)} says nothing about access`)
  }
}

function ofInstallation(delivery: WebhookDelivery): AccessHook | IgnoredDelivery {
  const { action, installation } = parse(installationPayload, delivery)
  const event = { deliveryId: parseGuid(delivery), event: delivery.name, action }
  const scope = { installationId: installation.id }
  if (action === 'deleted') return { ...event, kind: 'purge', scope }
  if (action === 'suspend') return { ...event, kind: 'pause', scope, reason: "The App's installation was suspended." }
  return ignored(`the action ${action} ends no access`)
}

function ofRemoval(delivery: WebhookDelivery): AccessHook | IgnoredDelivery {
  if (parse(installationPayload, delivery).action !== 'removed') return ignored('repositories were added')
  const { action, repositories_removed: removed } = parse(removedPayload, delivery)
  const event = { deliveryId: parseGuid(delivery), event: delivery.name, action }
  const scope = { repositoryIds: removed.map((one) => one.id) }
  return { ...event, kind: 'pause', scope, reason: 'The App was removed from the repository.' }
}

function ofRepository(delivery: WebhookDelivery): AccessHook | IgnoredDelivery {
  const { action, installation, repository } = parse(repositoryPayload, delivery)
  const event = { deliveryId: parseGuid(delivery), event: delivery.name, action }
  const scope = { repositoryIds: [repository.id] }
  if (action === 'deleted') return { ...event, kind: 'purge', scope }
  if (action === 'archived') return { ...event, kind: 'pause', scope, reason: 'The repository was archived.' }
  if (action !== 'renamed' && action !== 'transferred') return ignored(`the action ${action} changes nothing here`)
  const { name: repo, owner } = repository
  const moved = installation && { installationId: installation.id }
  return { ...event, kind: 'rename', repositoryId: repository.id, owner: owner.login, repo, ...moved }
}
