// Fields that occur in payloads and in replies. Each schema says what may be done with the value afterwards.
import { z } from 'zod'
import { commitSha } from '../review/ids.ts'

/** A numeric id or number: stored as bigint, compared exactly. */
export const id = z.int().positive()

/**
 * An owner or repository name: safe as one segment of a URL's path. `..` would ask another route with our token.
 * https://docs.github.com/en/repositories/creating-and-managing-repositories/about-repositories
 */
export const repositoryName = z.string().regex(/^(?!\.{1,2}$)[\w.-]{1,100}$/, 'not an owner or repository name')

/** A full commit id, SHA-1 or SHA-256. */
export const sha = z
  .string()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'not a commit id')
  .transform(commitSha)
