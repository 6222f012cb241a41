// The App, and where it is installed.
import { generateKeyPairSync } from 'node:crypto'
import type { User } from './user.ts'

export type Permissions = Record<string, 'read' | 'write'>

export interface App {
  id: number
  slug: string
  /** The user under which it writes: `<slug>[bot]`. */
  bot: User
  /** PEM. */
  privateKey: string
  publicKey: string
  webhookSecret: string
}

export interface Installation {
  id: number
  account: User
  /** Tokens made from now on have these. */
  permissions: Permissions
  suspended: boolean
  createdAt: Date
  /** The App was uninstalled. */
  removed: boolean
}

/** As in `app.yml`. */
export const defaultPermissions: Permissions = {
  metadata: 'read',
  contents: 'read',
  issues: 'read',
  merge_queues: 'read',
  pull_requests: 'write',
  checks: 'write',
}

/** As in `app.yml`. */
export const defaultEvents: readonly string[] = [
  'pull_request',
  'issue_comment',
  'pull_request_review_comment',
  'pull_request_review_thread',
  'check_run',
  'merge_group',
  'repository',
]

let keys: Pick<App, 'privateKey' | 'publicKey'> | undefined

/** One pair per process: making it takes a tenth of a second and more. */
export function appKeys(): Pick<App, 'privateKey' | 'publicKey'> {
  keys ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return keys
}
