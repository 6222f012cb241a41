// Who may ask the stand-in for what, and that it notices what GitHub would silently accept.
import { createSign, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { createGitHub } from '../../src/github/client.ts'
import { createKeptLog } from '../support/log.ts'
import { refusalOf, setUp } from './stand-in.ts'

test('a misspelt key fails loudly, and nothing is done', async () => {
  const { at, github, octokit, pull } = await setUp()
  const comments = [{ path: 'src/a.ts', lines: 2, body: 'Look.' }]

  const failed = await refusalOf(
    octokit.request('POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews', { ...at, comments }),
  )

  expect(failed).toMatchObject({ status: 500, message: expect.stringContaining('must NOT have additional properties') })
  expect(github.violations).toHaveLength(1)
  expect(github.draftsOf(pull)).toEqual([])
})

test.each([
  ['an unknown route', 'GET /repos/{owner}/{repo}/pulls/{pull_number}/opinions', {}],
  ['an unknown query', 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews', { perPage: 100 }],
  ['a page size that is no number', 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews', { per_page: 'all' }],
])('%s fails loudly', async (_, route, parameters) => {
  const { at, github, octokit } = await setUp()

  const failed = await refusalOf(octokit.request(route, { ...at, ...parameters }))

  expect(failed.status).toBe(500)
  expect(github.violations).toHaveLength(1)
})

test('a missing permission is refused in the words of GitHub', async () => {
  const { at, client, octokit, pull, repo, repository } = await setUp()
  Object.assign(repository.installation ?? {}, { permissions: { metadata: 'read', pull_requests: 'read' } })

  const review = await refusalOf(octokit.rest.pulls.createReview({ ...at, body: 'One.' }))
  const check = await refusalOf(octokit.rest.checks.listForRef({ ...repo, ref: pull.headSha }))
  const state = await client.installation(repository.installation?.id ?? 0).then((one) => one.rest.pulls.get(at))

  const expected = { status: 403, message: expect.stringContaining('Resource not accessible by integration') }
  expect([review, check]).toEqual([expected, expected])
  expect(state.status).toBe(200)
})

test('a token is refused with 401 when it is unknown, and when the App was uninstalled since', async () => {
  const { client, github, repository } = await setUp()
  const { installation } = repository
  const route = 'POST /app/installations/{installation_id}/access_tokens'
  const made = await (await client.app()).request(route, { installation_id: installation?.id ?? 0 })
  const ask = async (token: string): Promise<number> => {
    const headers = { authorization: `token ${token}` }
    return (await fetch(`${github.url}/repos/${repository.fullName}`, { headers })).status
  }

  const before = await ask(made.data.token)
  Object.assign(installation ?? {}, { removed: true })
  const statuses = [before, await ask(made.data.token), await ask('ghs_unknown')]

  expect(statuses).toEqual([200, 401, 401])
})

test('a token may be narrowed to one repository and to fewer permissions, but not widened', async () => {
  const { client, github, repository } = await setUp()
  const other = await github.createRepository()
  const app = await client.app()
  const route = 'POST /app/installations/{installation_id}/access_tokens'
  const target = { installation_id: repository.installation?.id ?? 0 }

  const wide = await refusalOf(app.request(route, { ...target, permissions: { contents: 'write' } }))
  const narrow = { repository_ids: [repository.id], permissions: { metadata: 'read' as const } }
  const { data } = await app.request(route, { ...target, ...narrow })
  const headers = { authorization: `token ${data.token}` }
  const asked = [repository.fullName, other.fullName, `${repository.fullName}/pulls`]
  const replies = await Promise.all(asked.map((path) => fetch(`${github.url}/repos/${path}`, { headers })))

  expect(wide.status).toBe(422)
  expect(replies.map((one) => one.status)).toEqual([200, 404, 403])
})

test('a suspended installation is refused with 403', async () => {
  const { octokit, repo, repository } = await setUp()
  Object.assign(repository.installation ?? {}, { suspended: true })

  const refusal = await refusalOf(octokit.rest.repos.get(repo))

  expect(refusal).toMatchObject({ status: 403, message: expect.stringContaining('suspended') })
})

test('a repository where the App is not installed is not there', async () => {
  const { github, octokit } = await setUp()
  const other = await github.createRepository({ owner: 'octocat', private: true, installed: 'not-installed' })

  const refusal = await refusalOf(octokit.rest.repos.get({ owner: 'octocat', repo: other.name }))

  expect(refusal.status).toBe(404)
})

test('a JWT that another key signed is refused', async () => {
  const { github } = await setUp()
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const stranger = createGitHub({ appId: github.app.id, privateKey: pem, apiUrl: github.url, log: createKeptLog() })

  const refusal = await refusalOf(stranger.botLogin())

  expect(refusal.status).toBe(401)
})

test.each([
  ['expired', { iat: -700, exp: -100 }],
  ['good for longer than ten minutes', { iat: -60, exp: 900 }],
  ['made in the future', { iat: 60, exp: 500 }],
])('a JWT that is %s is refused', async (_, claims) => {
  const { github } = await setUp()
  const now = Math.floor(Date.now() / 1000)
  const token = signToken({ iss: github.app.id, iat: now + claims.iat, exp: now + claims.exp }, github.app.privateKey)

  const reply = await fetch(`${github.url}/app`, { headers: { authorization: `Bearer ${token}` } })

  expect(reply.status).toBe(401)
})

test('the App knows itself and its installations by JWT, and its user by an installation token', async () => {
  const { client, github, octokit, repo, repository } = await setUp()
  const app = await client.app()

  const installation = await app.request('GET /repos/{owner}/{repo}/installation', repo)
  const installations = await app.request('GET /app/installations')
  const byToken = await octokit.request('GET /installation/repositories')
  const userId = await client.botUserId(repository.installation?.id ?? 0)

  expect(installation.data.id).toBe(repository.installation?.id)
  expect(installations.data).toHaveLength(1)
  expect(byToken.data.repositories.map((one) => one.id)).toEqual([repository.id])
  expect(userId).toBe(github.app.bot.id)
  expect(github.violations).toEqual([])
})

function signToken(claims: object, privateKey: string): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const signed = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`
}
