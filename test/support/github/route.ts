// What every route is: which requests it takes, who may send them, and what it answers.
import type { PullRequest } from './world/pull-request.ts'
import { Refused, type Reply, notFound } from './reply.ts'
import type { Repository } from './world/repository.ts'
import { type Viewer, repositoriesOf } from './viewer.ts'
import type { World } from './world/world.ts'

export interface Call {
  world: World
  viewer: Viewer
  method: string
  /** The full address, as it was asked for. */
  url: URL
  /** From the braces of the template, decoded. */
  parameters: Record<string, string>
  /** Parsed JSON, already compared with GitHub's description. */
  body: unknown
  readLagMs: number
}

export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** As in GitHub's documentation: `/repos/{owner}/{repo}`. `{path}` takes slashes. */
  template: string
  /**
   * `app`: the App's JWT. `anyone`: any token. Else the permission of an installation, for example `checks:write`.
   * https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
   */
  needs: 'app' | 'anyone' | `${string}:${'read' | 'write'}`
  answer(call: Call): Reply | Promise<Reply>
}

export function matchRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; parameters: Record<string, string> } | undefined {
  for (const route of routes) {
    if (route.method !== method) continue
    const found = patternOf(route.template).exec(path)
    if (!found) continue
    const values = Object.entries(found.groups ?? {})
    return { route, parameters: Object.fromEntries(values.map(([name, value]) => [name, decodeURIComponent(value)])) }
  }
  return undefined
}

const patterns = new Map<string, RegExp>()

function patternOf(template: string): RegExp {
  const known = patterns.get(template)
  if (known) return known
  const text = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>${name === 'path' ? '.+' : '[^/]+'})`)
  const pattern = new RegExp(`^${text}$`)
  patterns.set(template, pattern)
  return pattern
}

/** Throws the refusal that GitHub would send. */
export function checkAccess(route: Pick<Route, 'method' | 'needs'>, viewer: Viewer): void {
  if (route.needs === 'anyone') return
  if (route.needs === 'app') {
    if (viewer.kind !== 'app') throw new Refused(401, 'A JSON web token could not be decoded')
    return
  }
  // A JWT is the App's own, and no way in to a repository.
  if (viewer.kind === 'app') throw new Refused(401, 'Bad credentials')
  if (viewer.kind === 'anonymous' && route.method !== 'GET') throw new Refused(401, 'Requires authentication')
  if (viewer.kind !== 'installation') return
  const [name = '', level] = route.needs.split(':')
  const granted = viewer.permissions[name]
  if (granted !== 'write' && granted !== level) throw new Refused(403, 'Resource not accessible by integration')
}

/** The repository of `{owner}/{repo}`. Throws 404 where the viewer may not see it, and 403 for a write to an archived one. */
export function repositoryOf(call: Call): Repository {
  const repository = call.world.findRepository(`${call.parameters['owner']}/${call.parameters['repo']}`)
  if (!repository || !repositoriesOf(call.viewer, call.world).includes(repository)) throw notFound()
  if (repository.archived && call.method !== 'GET') throw new Refused(403, 'Repository was archived so is read-only.')
  return repository
}

export function pullRequestOf(call: Call): PullRequest {
  const number = Number(call.parameters['pull_number'])
  const found = repositoryOf(call).pullRequests.find((one) => one.number === number)
  if (!found) throw notFound()
  return found
}
