// Git over HTTP beside the API, as github.com has it, for fetching only.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Exchanges, beginExchange } from './exchange.ts'
import { type Fault, answerInstead, badGateway } from './faults.ts'
import { runGitBackend, type Served } from './git-backend.ts'
import { Refused, type Reply } from './reply.ts'
import { checkAccess } from './route.ts'
import { identify, repositoriesOf } from './viewer.ts'
import type { World } from './world/world.ts'

/** Repository, and what is asked of it. */
const gitPath = /^\/([^/]+\/[^/]+)\.git(\/info\/refs|\/git-upload-pack)$/

export function isGitPath(pathname: string): boolean {
  return gitPath.test(pathname)
}

/** Sends everything but `drop`: then the connection is for the caller to break. */
export async function answerFetch(
  exchanges: Exchanges,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<'drop' | undefined> {
  const { authorization, host = '' } = incoming.headers
  const url = new URL(incoming.url ?? '/', `http://${host}`)
  const { fault, logged } = await beginExchange(exchanges, {
    method: incoming.method ?? '',
    url,
    authorization,
    body: undefined,
  })
  const instead = fault && answerWith(fault)
  if (fault?.kind === 'delay') await sleep(fault.ms)
  const found = instead ?? findServed(exchanges.world, url, authorization)
  if (found === 'drop') return found
  if ('root' in found) await runGitBackend(found, incoming, response)
  else refuse(response, found)
  logged.status = response.statusCode
  return undefined
}

/** Fetching carries nothing out: what is lost on the way back is lost. */
function answerWith(fault: Fault): Reply | 'drop' | undefined {
  if (fault.kind === 'commit-then-502') return badGateway
  return fault.kind === 'commit-then-drop' ? 'drop' : answerInstead(fault)
}

function refuse(response: ServerResponse, { body, headers, status }: Reply): void {
  const text = typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : String(body)
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(`${text}\n`)
}

function findServed(world: World, url: URL, authorization: string | undefined): Served | Reply {
  const [, name = '', rest = ''] = gitPath.exec(decodeURIComponent(url.pathname)) ?? []
  try {
    const viewer = identify(tokenOf(authorization), world)
    checkAccess({ method: 'GET', needs: 'contents:read' }, viewer)
    const repository = world.findRepository(name)
    if (repository && repositoriesOf(viewer, world).includes(repository))
      return { root: dirname(repository.directory), path: `/${basename(repository.directory)}${rest}` }
    const moved = repository ? undefined : world.formerNames.get(name.toLowerCase())
    if (moved) return { status: 301, headers: { location: `/${moved.fullName}.git${rest}${url.search}` } }
    // Whether it is there is told to nobody without a name.
    if (viewer.kind === 'anonymous') throw new Refused(401, 'Authentication required')
    throw new Refused(404, 'Repository not found.')
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const { reply } = error
    return reply.status === 401 ? { ...reply, headers: { 'www-authenticate': 'Basic realm="GitHub"' } } : reply
  }
}

/** https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation */
function tokenOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined
  const encoded = /^Basic (.+)$/.exec(authorization)?.[1] ?? ''
  const token = /^x-access-token:(.+)$/.exec(Buffer.from(encoded, 'base64').toString())?.[1]
  if (token === undefined) throw new Refused(401, 'Invalid username or token.')
  return `token ${token}`
}
