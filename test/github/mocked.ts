// What every test of `src/github/` needs: a client with a key of its own, GitHub mocked call by call, and a pull request.
import { generateKeyPairSync } from 'node:crypto'
import nock from 'nock'
import { type GitHub, createGitHub } from '../../src/github/client.ts'
import type { Log } from '../../src/jobs/ports.ts'
import { commitSha } from '../../src/review/ids.ts'
import type { PullRequestRef } from '../../src/review/pull-request.ts'

export const apiUrl = 'https://api.github.test'
export const headSha = commitSha('a'.repeat(40))
export const otherSha = commitSha('b'.repeat(40))
export const baseSha = commitSha('c'.repeat(40))
export const botId = 4711

export const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

export const silent: Log = { info: () => {}, warn: () => {}, error: () => {} }

export const ref: PullRequestRef = {
  installationId: 7,
  repositoryId: 186853002,
  owner: 'Codertocat',
  repo: 'Hello-World',
  number: 2,
  headSha,
  baseRef: 'main',
  kind: 'pull_request',
}

export const pullPath = '/repos/Codertocat/Hello-World/pulls/2'
export const reviewsPath = `${pullPath}/reviews`

/** For calls that nobody gives up. */
export const patient: AbortSignal = new AbortController().signal

/** A client of which every request must have been announced with `nock`. Tokens are given as often as asked for. */
export function createMockedGitHub(): GitHub {
  mockTokens('ghs_secret')
  return createGitHub({ appId: 1, privateKey, apiUrl, log: silent })
}

export function mockTokens(token: string): void {
  nock(apiUrl)
    .post('/app/installations/7/access_tokens')
    .reply(201, { token, expires_at: '2099-01-01T00:00:00Z', permissions: { pull_requests: 'write' } })
    .persist()
}

export function mockBot(): void {
  nock(apiUrl).get('/app').reply(200, { slug: 'plumbline' })
  nock(apiUrl).get('/users/plumbline%5Bbot%5D').reply(200, { id: botId, login: 'plumbline[bot]' })
}

/** GitHub's reply to `GET /repos/{owner}/{repo}/pulls/{pull_number}`, as far as it is read. */
export function pullRequest(changes: object = {}) {
  return {
    title: 'Update the README',
    body: null,
    state: 'open',
    draft: false,
    locked: false,
    changed_files: 1,
    user: { login: 'Codertocat' },
    head: { sha: headSha, ref: 'changes', repo: null },
    base: { sha: baseSha, ref: 'main', repo: { id: ref.repositoryId } },
    ...changes,
  }
}

/** A 422 as the review routes send it. */
export function unprocessable(...errors: unknown[]) {
  return { message: 'Unprocessable Entity', errors, documentation_url: 'https://docs.github.com/rest', status: '422' }
}
