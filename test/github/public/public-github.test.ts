import nock from 'nock'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPublicGitHub, locateAnywhere } from '../../../src/github/public/public-github.ts'
import { apiUrl, createMockedGitHub, headSha, patient, pullPath, ref } from '../mocked.ts'

const address = { owner: ref.owner, repo: ref.repo, number: ref.number }
const installationPath = '/repos/Codertocat/Hello-World/installation'
const pull = {
  title: 'Update the README',
  updated_at: '2026-01-01T10:00:00Z',
  user: { login: 'Codertocat' },
  head: { sha: headSha },
  base: { ref: 'main', repo: { id: ref.repositoryId, name: ref.repo, owner: { login: ref.owner } } },
}

beforeEach(() => nock.disableNetConnect())
afterEach(() => {
  expect(nock.pendingMocks().filter((one) => !one.includes('access_tokens'))).toEqual([])
  nock.cleanAll()
})

function locate(token?: string) {
  const github = { app: createMockedGitHub(), anybody: createPublicGitHub({ apiUrl, token }) }
  return locateAnywhere(github, address, patient)
}

const notInstalled = (): void => void nock(apiUrl).get(installationPath).reply(404, { message: 'Not Found' })

test('what neither the App nor anybody can see is refused with one sentence for people', async () => {
  notInstalled()
  nock(apiUrl).get(pullPath).reply(404, { message: 'Not Found' })

  await expect(locate()).rejects.toMatchObject({
    name: 'ClosedDoorError',
    message: expect.stringContaining('There is no such pull request'),
  })
})

test('when GitHub answers no more for now, the setting that helps is named', async () => {
  notInstalled()
  nock(apiUrl)
    .get(pullPath)
    .reply(403, { message: 'API rate limit exceeded' }, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' })

  await expect(locate()).rejects.toMatchObject({ name: 'UserError', message: expect.stringContaining('GITHUB_TOKEN') })
})

test('where GitHub does not answer, nobody is taken for not installed', async () => {
  nock(apiUrl).get(installationPath).reply(502)

  await expect(locate()).rejects.toThrow('GitHub answered 502')
})

test('without a token nothing is shown to GitHub, and the review has no installation', async () => {
  notInstalled()
  nock(apiUrl, { badheaders: ['authorization'] })
    .get(pullPath)
    .reply(200, pull)

  const located = await locate()

  expect(located.ref).toEqual({ ...ref, installationId: 0 })
})

test('a token is sent where one is set', async () => {
  notInstalled()
  nock(apiUrl, { reqheaders: { authorization: 'token ghp_x' } })
    .get(pullPath)
    .reply(200, pull)

  const located = await locate('ghp_x')

  expect(located.ref.installationId).toBe(0)
})

test('a token that GitHub does not accept is named', async () => {
  notInstalled()
  nock(apiUrl).get(pullPath).reply(401, { message: 'Bad credentials' })

  const located = locate('ghp_x')

  await expect(located).rejects.toThrow('GitHub does not accept GITHUB_TOKEN')
})

test('where the App is installed, it reads', async () => {
  nock(apiUrl).get(installationPath).reply(200, { id: ref.installationId })
  nock(apiUrl, { reqheaders: { authorization: 'token ghs_secret' } })
    .get(pullPath)
    .reply(200, pull)

  const located = await locate('ghp_x')

  expect(located.ref).toEqual(ref)
})
