// Who sends a request: read from its Authorization header.
import { createVerify } from 'node:crypto'
import type { App, Installation, Permissions } from './world/installation.ts'
import { Refused } from './reply.ts'
import type { Repository } from './world/repository.ts'
import type { User } from './world/user.ts'
import type { World } from './world/world.ts'

export type Viewer =
  | { kind: 'app' }
  | { kind: 'installation'; installation: Installation; permissions: Permissions; repositoryIds?: number[]; user: User }
  | { kind: 'person'; user: User }
  | { kind: 'anonymous' }

/** Throws GitHub's 401 or 403. */
export function identify(authorization: string | undefined, world: World): Viewer {
  if (authorization === undefined) return { kind: 'anonymous' }
  const credentials = /^(?:bearer|token) (.+)$/i.exec(authorization)?.[1]
  if (credentials === undefined) throw new Refused(401, 'Bad credentials')
  if (credentials.split('.').length === 3) {
    checkAppToken(credentials, world.app)
    return { kind: 'app' }
  }
  const token = world.tokens.get(credentials)
  if (!token) throw new Refused(401, 'Bad credentials')
  if (token.kind === 'person') return { kind: 'person', user: token.user }
  const { installation, permissions, repositoryIds, until } = token
  if (installation.removed || until <= Date.now()) throw new Refused(401, 'Bad credentials')
  if (installation.suspended) throw new Refused(403, 'This installation has been suspended')
  const narrowed = repositoryIds ? { repositoryIds } : {}
  return { kind: 'installation', installation, permissions, user: world.app.bot, ...narrowed }
}

/** https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
function checkAppToken(token: string, app: App): void {
  const [head = '', claims = '', signature = ''] = token.split('.')
  const signed = createVerify('RSA-SHA256').update(`${head}.${claims}`)
  const { exp, iat, iss } = decode(claims)
  if (decode(head)['alg'] !== 'RS256' || !signed.verify(app.publicKey, signature, 'base64url'))
    throw new Refused(401, 'A JSON web token could not be decoded')
  if (String(iss) !== String(app.id)) throw new Refused(401, "'Issuer' claim ('iss') must be the App's id")
  const now = Date.now() / 1000
  if (typeof iat !== 'number' || iat > now) throw new Refused(401, "'Issued at' claim ('iat') must be in the past")
  if (typeof exp !== 'number' || exp <= now) throw new Refused(401, "'Expiration time' claim ('exp') is in the past")
  // Ten minutes at most, and a few seconds for the way.
  if (exp > now + 605) throw new Refused(401, "'Expiration time' claim ('exp') is too far in the future")
}

function decode(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** Those that the viewer may know of. */
export function repositoriesOf(viewer: Viewer, world: World): Repository[] {
  const there = world.repositories.filter((one) => !one.deleted)
  if (viewer.kind === 'person' || viewer.kind === 'app') return there
  if (viewer.kind === 'anonymous') return there.filter((one) => !one.private)
  const installed = there.filter((one) => one.installation === viewer.installation)
  return installed.filter((one) => viewer.repositoryIds?.includes(one.id) ?? true)
}
