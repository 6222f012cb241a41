// GitHub's JSON: the description's own examples, with our values in them.
import { exampleReply } from '../openapi/description.ts'
import type { CheckRun } from './world/check-run.ts'
import { defaultEvents, defaultPermissions, type Installation } from './world/installation.ts'
import type { Repository } from './world/repository.ts'
import type { User } from './world/user.ts'
import type { World } from './world/world.ts'

export type Json = Record<string, unknown>

/** Texts in the example, and what stands there instead. The longer ones first. */
export type Replacements = [from: string, to: string][]

export interface Example {
  method: string
  path: string
  status: number
  /** Finds the part that is wanted in the example reply. */
  pick?(example: Json): unknown
}

const templates = new Map<Example, string>()

/** An example object of GitHub's with its addresses and names replaced. */
export function fromExample(source: Example, replacements: Replacements): Json {
  let text = templates.get(source)
  if (text === undefined) {
    // Examples of replies are objects, or lists of which `pick` takes one.
    const example = exampleReply(source.method, source.path, source.status) as Json
    text = JSON.stringify(source.pick ? source.pick(example) : example)
    templates.set(source, text)
  }
  for (const [from, to] of replacements) text = text.replaceAll(from, to)
  // An object went in.
  return JSON.parse(text) as Json
}

const publicUser = { method: 'GET', path: '/users/{username}', status: 200 }
const owner = { method: 'GET', path: '/repos/{owner}/{repo}', status: 200, pick: (one: Json) => one['owner'] }

export function userJson(user: User, api: string): Json {
  return { ...fromExample(owner, addressesOf(user, api)), ...identityOf(user) }
}

export function profileJson(user: User, api: string): Json {
  const profile = fromExample(publicUser, addressesOf(user, api))
  return { ...profile, ...identityOf(user), name: user.login, user_view_type: 'public' }
}

function identityOf(user: User): Json {
  return { id: user.id, login: user.login, type: user.type }
}

/** The brackets of a bot's login are encoded in addresses. */
function addressesOf(user: User, api: string): Replacements {
  return [...hosts(api), ['/octocat', `/${encodeURIComponent(user.login)}`]]
}

export function hosts(api: string): Replacements {
  return [
    ['https://api.github.com', api],
    ['https://github.com', api],
  ]
}

const fullRepository = {
  method: 'GET',
  path: '/repos/{owner}/{repo}',
  status: 200,
  pick: ({ organization: _1, parent: _2, source: _3, template_repository: _4, ...repository }: Json) => repository,
}

export function repositoryJson(repository: Repository, api: string): Json {
  const replacements: Replacements = [...hosts(api), ['octocat/Hello-World', repository.fullName]]
  return {
    ...fromExample(fullRepository, replacements),
    id: repository.id,
    name: repository.name,
    owner: userJson(repository.owner, api),
    private: repository.private,
    visibility: repository.private ? 'private' : 'public',
    archived: repository.archived,
    fork: false,
    default_branch: 'main',
    language: null,
  }
}

const app = { method: 'GET', path: '/app', status: 200 }

export function appJson(world: World, api: string): Json {
  const { id, slug } = world.app
  return {
    ...fromExample(app, [...hosts(api), ['octoapp', slug]]),
    id,
    slug,
    name: slug,
    permissions: defaultPermissions,
    events: defaultEvents,
  }
}

const installationExample = { method: 'GET', path: '/repos/{owner}/{repo}/installation', status: 200 }

export function installationJson(installation: Installation, world: World, api: string): Json {
  const { account, createdAt, id, permissions, suspended } = installation
  return {
    ...fromExample(installationExample, hosts(api)),
    id,
    account: userJson(account, api),
    access_tokens_url: `${api}/app/installations/${id}/access_tokens`,
    app_id: world.app.id,
    app_slug: world.app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions,
    events: defaultEvents,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    created_at: timestamp(createdAt),
    suspended_at: suspended ? timestamp(new Date()) : null,
    suspended_by: suspended ? userJson(account, api) : null,
  }
}

const checkRunExample = { method: 'POST', path: '/repos/{owner}/{repo}/check-runs', status: 201 }

export function checkRunJson(run: CheckRun, world: World, api: string): Json {
  const url = `${api}/repos/${run.repository.fullName}/check-runs/${run.id}`
  return {
    ...fromExample(checkRunExample, hosts(api)),
    id: run.id,
    name: run.name,
    head_sha: run.headSha,
    external_id: run.externalId ?? '',
    url,
    html_url: `${api}/${run.repository.fullName}/runs/${run.id}`,
    details_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: { ...run.output, annotations_count: 0, annotations_url: `${url}/annotations` },
    app: appJson(world, api),
    pull_requests: [],
  }
}

/** GitHub's timestamps have whole seconds. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
