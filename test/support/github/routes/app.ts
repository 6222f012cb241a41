// https://docs.github.com/en/rest/apps
import type { Installation, Permissions } from '../world/installation.ts'
import { appJson, installationJson, profileJson, repositoryJson, timestamp } from '../json.ts'
import { Refused, type Reply, notFound, pageOf } from '../reply.ts'
import { type Call, type Route, repositoryOf } from '../route.ts'
import { repositoriesOf } from '../viewer.ts'

export const appRoutes: Route[] = [
  { method: 'GET', template: '/app', needs: 'app', answer: getApp },
  { method: 'GET', template: '/app/installations', needs: 'app', answer: listInstallations },
  { method: 'GET', template: '/app/installations/{installation_id}', needs: 'app', answer: getInstallation },
  {
    method: 'POST',
    template: '/app/installations/{installation_id}/access_tokens',
    needs: 'app',
    answer: createToken,
  },
  { method: 'GET', template: '/repos/{owner}/{repo}/installation', needs: 'app', answer: getRepositoryInstallation },
  { method: 'GET', template: '/installation/repositories', needs: 'metadata:read', answer: listRepositories },
  { method: 'GET', template: '/users/{username}', needs: 'metadata:read', answer: getUser },
]

const tokenLifeMs = 60 * 60_000

function getApp(call: Call): Reply {
  return { status: 200, body: appJson(call.world, call.url.origin) }
}

function listInstallations(call: Call): Reply {
  const there = call.world.installations.filter((one) => !one.removed)
  const { headers, items } = pageOf(there, call.url)
  return { status: 200, body: items.map((one) => installationJson(one, call.world, call.url.origin)), headers }
}

function installationOf(call: Call): Installation {
  const id = Number(call.parameters['installation_id'])
  const found = call.world.installations.find((one) => one.id === id && !one.removed)
  if (!found) throw notFound()
  return found
}

function getInstallation(call: Call): Reply {
  return { status: 200, body: installationJson(installationOf(call), call.world, call.url.origin) }
}

function getRepositoryInstallation(call: Call): Reply {
  const { installation } = repositoryOf(call)
  if (!installation || installation.removed) throw notFound()
  return { status: 200, body: installationJson(installation, call.world, call.url.origin) }
}

function createToken(call: Call): Reply {
  const installation = installationOf(call)
  if (installation.suspended) throw new Refused(403, 'This installation has been suspended')
  // Compared with GitHub's description when it came in; nothing asked for is everything granted.
  const request = (call.body ?? {}) as { permissions?: Permissions; repository_ids?: number[]; repositories?: string[] }
  const permissions = { ...(request.permissions ?? installation.permissions) }
  for (const [name, level] of Object.entries(permissions)) {
    const granted = installation.permissions[name]
    if (granted !== 'write' && granted !== level)
      throw new Refused(422, 'The permissions requested are not granted to this installation.')
  }
  const repositoryIds = wantedRepositories(call, installation, request)
  const until = Date.now() + tokenLifeMs
  const token = call.world.addToken({ kind: 'installation', installation, permissions, repositoryIds, until })
  const selection = repositoryIds ? 'selected' : 'all'
  const expires = timestamp(new Date(until))
  return { status: 201, body: { token, expires_at: expires, permissions, repository_selection: selection } }
}

function wantedRepositories(
  call: Call,
  installation: Installation,
  request: { repository_ids?: number[]; repositories?: string[] },
): number[] | undefined {
  const { repositories, repository_ids: ids } = request
  if (!ids && !repositories) return undefined
  const there = call.world.repositories.filter((one) => one.installation === installation && !one.deleted)
  const wanted = there.filter((one) => ids?.includes(one.id) || repositories?.includes(one.name))
  if (wanted.length < (ids ?? []).length + (repositories ?? []).length)
    throw new Refused(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    )
  return wanted.map((one) => one.id)
}

function listRepositories(call: Call): Reply {
  const all = repositoriesOf(call.viewer, call.world)
  const { headers, items } = pageOf(all, call.url)
  const repositories = items.map((one) => repositoryJson(one, call.url.origin))
  return { status: 200, body: { total_count: all.length, repository_selection: 'all', repositories }, headers }
}

function getUser(call: Call): Reply {
  const user = call.world.findUser(call.parameters['username'] ?? '')
  if (!user) throw notFound()
  return { status: 200, body: profileJson(user, call.url.origin) }
}
