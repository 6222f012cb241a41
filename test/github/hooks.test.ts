import { expect, test } from 'vitest'
import { MalformedPayloadError, toHook } from '../../src/github/hooks.ts'
import { deliveryPayload } from './deliveries.ts'

const guid = '72d3162e-cc78-11e3-81ab-4c9367dc0958'

function hookFor(payload: unknown, name = 'pull_request') {
  return toHook({ id: guid, name, payload }, 'plumbline[bot]')
}

test.each([
  'action',
  'repository.id',
  'repository.name',
  'repository.owner.login',
  'pull_request.number',
  'pull_request.title',
  'pull_request.state',
  'pull_request.updated_at',
  'pull_request.user',
  'pull_request.head.sha',
  'pull_request.base.ref',
  'installation.id',
])('a payload without %s is refused by the name of the field', (path) => {
  const payload = deliveryPayload('opened', { [path]: undefined })

  const act = () => hookFor(payload)

  expect(act).toThrow(MalformedPayloadError)
  expect(act).toThrow(`"${path}"`)
})

test.each([
  ['pull_request.head.sha', 'main'],
  ['pull_request.number', '2'],
  ['pull_request.number', -1],
  ['pull_request.updated_at', 'yesterday'],
  ['repository.name', '..'],
  ['repository.name', 'a/b'],
  ['repository.owner.login', '../../app'],
  ['repository.id', 1.5],
  ['pull_request', null],
  ['installation', 'none'],
])('a payload where %s is %j is refused by the name of the field', (path, value) => {
  const payload = deliveryPayload('opened', { [path]: value })

  const act = () => hookFor(payload)

  expect(act).toThrow(MalformedPayloadError)
  expect(act).toThrow(`"${path}"`)
})

test.each([null, 'text', 7, [], {}])('a payload that is %j is refused', (payload) => {
  const act = () => hookFor(payload)

  expect(act).toThrow(MalformedPayloadError)
})

test('the refusal answers 400 and does not repeat the value', () => {
  const payload = deliveryPayload('opened', { 'pull_request.head.sha': 'a secret value' })

  const act = () => hookFor(payload)

  expect(act).toThrow(expect.objectContaining({ status: 400, message: expect.not.stringContaining('secret') }))
})

test('a delivery whose GUID is none is refused', () => {
  const act = () => toHook({ id: 'a b', name: 'pull_request', payload: deliveryPayload('opened') })

  expect(act).toThrow(MalformedPayloadError)
})

test.each(['push', 'issue_comment', 'installation'])('the event %s starts nothing', (name) => {
  const hook = hookFor({ action: 'created' }, name)

  expect(hook.kind).toBe('ignored')
})

test.each(['labeled', 'assigned', 'locked', 'auto_merge_enabled'])('the action %s starts nothing', (action) => {
  const hook = hookFor(deliveryPayload('opened', { action }))

  expect(hook.kind).toBe('ignored')
})

test.each([
  ['of a repository hook, which names no installation', { installation: undefined }],
  ['of a draft', { 'pull_request.draft': true }],
  ['of a closed pull request', { 'pull_request.state': 'closed' }],
  ['of Dependabot', { 'pull_request.user.login': 'dependabot[bot]' }],
  ['of Renovate', { 'pull_request.user.login': 'renovate[bot]' }],
  ['of GitHub Actions', { 'pull_request.user.login': 'github-actions[bot]' }],
  ['of ourselves', { 'pull_request.user.login': 'Plumbline[bot]' }],
])('a delivery %s is ignored with a reason', (_, changes) => {
  const hook = hookFor(deliveryPayload('opened', changes))

  expect(hook).toEqual({ kind: 'ignored', reason: expect.stringMatching(/\w+ \w+/) })
})

test.each([
  ['only the title', { title: { from: 'Old' } }],
  ['nothing that is named', undefined],
])('an edit of %s starts nothing', (_, changes) => {
  const hook = hookFor(deliveryPayload('opened', { action: 'edited', changes }))

  expect(hook.kind).toBe('ignored')
})

test('an edit of the base branch is reviewed', () => {
  const changes = { base: { ref: { from: 'main' }, sha: { from: 'c'.repeat(40) } } }

  const hook = hookFor(deliveryPayload('opened', { action: 'edited', changes }))

  expect(hook).toMatchObject({ kind: 'review', action: 'edited' })
})

test.each(['opened', 'reopened', 'ready_for_review', 'synchronize'])(
  'a pull request that is %s is reviewed',
  (action) => {
    const hook = hookFor(deliveryPayload(action))

    expect(hook).toEqual({
      kind: 'review',
      deliveryId: guid,
      event: 'pull_request',
      action,
      ref: {
        installationId: 1,
        repositoryId: 186853002,
        owner: 'Codertocat',
        repo: 'Hello-World',
        number: 2,
        headSha: 'ec26c3e57ca3a959ca5aad62de7213c562f8c821',
        baseRef: 'master',
        kind: 'pull_request',
      },
      title: 'Update the README with new information.',
      author: 'Codertocat',
      updatedAt: expect.stringMatching(/^2019-05-15T15:2/),
      trigger: 'hook',
    })
  },
)

test('a pull request of a deleted account is reviewed', () => {
  const hook = hookFor(deliveryPayload('opened', { 'pull_request.user': null }))

  expect(hook).toMatchObject({ kind: 'review', author: 'ghost' })
})

test.each([
  ['closed', { 'pull_request.merged': false }, 'The pull request was closed.'],
  ['closed', { 'pull_request.merged': true }, 'The pull request was merged.'],
  ['converted_to_draft', {}, 'The pull request was made a draft.'],
])('a pull request that is %s ends what is open: %j', (action, changes, reason) => {
  const hook = hookFor(deliveryPayload(action, changes))

  expect(hook).toMatchObject({ kind: 'close', action, repositoryId: 186853002, number: 2, reason, deliveryId: guid })
})
