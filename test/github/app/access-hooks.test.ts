import { expect, test } from 'vitest'
import { toAccessHook } from '../../../src/github/app/access-hooks.ts'
import { MalformedPayloadError } from '../../../src/github/hooks.ts'

const id = '72d3162e-cc78-11e3-81ab-4c9367dc0958'
const repository = { id: 5, name: 'shop', owner: { login: 'acme' } }

test.each([
  ['installation', { action: 'deleted' }, '"installation"'],
  ['installation_repositories', { action: 'removed', installation: { id: 7 } }, '"repositories_removed"'],
  ['repository', { action: 'renamed', repository: { ...repository, name: '../app' } }, '"repository.name"'],
])('a payload of %s that is not as documented is refused by the name of the field', (name, payload, field) => {
  const act = () => toAccessHook({ id, name, payload })

  expect(act).toThrow(MalformedPayloadError)
  expect(act).toThrow(field)
})

test.each([
  ['installation', { action: 'created', installation: { id: 7 } }],
  ['installation', { action: 'unsuspend', installation: { id: 7 } }],
  ['installation_repositories', { action: 'added', installation: { id: 7 } }],
  ['repository', { action: 'publicized', repository }],
])('%s %o ends no access', (name, payload) => {
  expect(toAccessHook({ id, name, payload }).kind).toBe('ignored')
})

test.each([
  ['installation', { action: 'deleted', installation: { id: 7 } }, { kind: 'purge', scope: { installationId: 7 } }],
  ['installation', { action: 'suspend', installation: { id: 7 } }, { kind: 'pause', scope: { installationId: 7 } }],
  [
    'installation_repositories',
    { action: 'removed', installation: { id: 7 }, repositories_removed: [{ id: 5 }, { id: 6 }] },
    { kind: 'pause', scope: { repositoryIds: [5, 6] } },
  ],
  ['repository', { action: 'deleted', repository }, { kind: 'purge', scope: { repositoryIds: [5] } }],
  ['repository', { action: 'archived', repository }, { kind: 'pause', scope: { repositoryIds: [5] } }],
  ['repository', { action: 'renamed', repository }, { kind: 'rename', repositoryId: 5, owner: 'acme', repo: 'shop' }],
  ['repository', { action: 'transferred', repository }, { kind: 'rename', repositoryId: 5, owner: 'acme' }],
  [
    'repository',
    { action: 'transferred', repository, installation: { id: 8 } },
    { kind: 'rename', repositoryId: 5, owner: 'acme', installationId: 8 },
  ],
])('%s %o is understood', (name, payload, hook) => {
  expect(toAccessHook({ id, name, payload })).toMatchObject({ ...hook, deliveryId: id, event: name })
})
