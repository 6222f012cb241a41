// Payloads as GitHub sends them, from @octokit/webhooks-examples, with fields replaced by path.
import { createRequire } from 'node:module'
import { z } from 'zod'

const examples = z
  .array(z.object({ name: z.string(), examples: z.array(z.looseObject({ action: z.string().optional() })) }))
  // The package's entry is a script of its own; the JSON is what it loads.
  .parse(createRequire(import.meta.url)('@octokit/webhooks-examples/api.github.com/index.json'))

/**
 * GitHub's example of a `pull_request` payload with this action that names an installation. A change to `undefined`
 * takes the field away.
 */
export function deliveryPayload(action: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const known = examples.find((one) => one.name === 'pull_request')?.examples ?? []
  const example = known.find((one) => one.action === action && 'installation' in one)
  if (!example) throw new Error(`there is no example of pull_request.${action}`)
  const payload: Record<string, unknown> = structuredClone(example)
  for (const [path, value] of Object.entries(changes)) setAt(payload, path.split('.'), value)
  return payload
}

function setAt(target: Record<string, unknown>, path: string[], value: unknown): void {
  const [name = '', ...rest] = path
  if (rest.length === 0) {
    if (value === undefined) delete target[name]
    else target[name] = value
    return
  }
  // The paths in the tests lead through objects.
  setAt(target[name] as Record<string, unknown>, rest, value)
}
