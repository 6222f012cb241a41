import nock from 'nock'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createGitHub } from '../../src/github/client.ts'
import { apiUrl, createMockedGitHub, mockTokens, privateKey, pullPath, silent } from './mocked.ts'

beforeEach(() => nock.disableNetConnect())
afterEach(() => {
  nock.cleanAll()
  vi.useRealTimers()
})

describe('a refused token', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-01T12:00:00Z') }))

  test('is replaced once, and a write that was refused with it is sent again', async () => {
    const github = createMockedGitHub()
    nock(apiUrl).get(pullPath).reply(200, {})
    await (await github.installation(7)).request(`GET ${pullPath}`)
    // GitHub takes back a token before its time, for example when the App's key is replaced.
    vi.setSystemTime(new Date('2026-11-01T12:10:00Z'))
    nock.cleanAll()
    mockTokens('ghs_second')
    nock(apiUrl).post(`${pullPath}/reviews`).matchHeader('authorization', 'token ghs_secret').reply(401, {})
    nock(apiUrl).post(`${pullPath}/reviews`).matchHeader('authorization', 'token ghs_second').reply(200, { id: 80 })

    const reply = await (await github.installation(7)).request(`POST ${pullPath}/reviews`)

    expect(reply.data).toEqual({ id: 80 })
  })

  test('is not replaced for ever', async () => {
    const github = createGitHub({ appId: 1, privateKey, apiUrl, log: silent })
    const tokens = nock(apiUrl).post('/app/installations/7/access_tokens').twice().reply(201, { token: 'ghs_x' })
    nock(apiUrl)
      .get(pullPath)
      .reply(() => {
        // While a token is younger than five seconds, Octokit takes a refusal for a replica that is behind.
        vi.setSystemTime(Date.now() + 60_000)
        return [401, { message: 'Bad credentials' }]
      })
      .persist()

    const reply = (await github.installation(7)).request(`GET ${pullPath}`)

    await expect(reply).rejects.toMatchObject({ status: 401 })
    expect(tokens.isDone()).toBe(true)
  })

  test('is made once for many requests, and again when its hour is over', async () => {
    const github = createGitHub({ appId: 1, privateKey, apiUrl, log: silent })
    const token = { expires_at: '2099-01-01T00:00:00Z', permissions: {} }
    nock(apiUrl)
      .post('/app/installations/7/access_tokens')
      .reply(201, { ...token, token: 'ghs_first' })
    nock(apiUrl).get(pullPath).matchHeader('authorization', 'token ghs_first').twice().reply(200, {})
    nock(apiUrl).get(pullPath).matchHeader('authorization', 'token ghs_later').reply(200, {})

    await (await github.installation(7)).request(`GET ${pullPath}`)
    await (await github.installation(7)).request(`GET ${pullPath}`)
    vi.setSystemTime(new Date('2026-11-01T12:59:30Z'))
    nock(apiUrl)
      .post('/app/installations/7/access_tokens')
      .reply(201, { ...token, token: 'ghs_later' })
    const later = await (await github.installation(7)).request(`GET ${pullPath}`)

    expect(later.status).toBe(200)
    expect(nock.isDone()).toBe(true)
  })
})

describe('who we are', () => {
  test('is asked again after it could not be read', async () => {
    const github = createMockedGitHub()
    nock(apiUrl).get('/app').reply(502)
    nock(apiUrl).get('/app').reply(200, { slug: 'plumbline' })
    nock(apiUrl).get('/users/plumbline%5Bbot%5D').reply(200, { id: 4711 })

    const failed = github.botUserId(7)
    await expect(failed).rejects.toThrow()
    const found = await github.botUserId(7)

    expect(found).toBe(4711)
  })
})
