// Deliveries: signed as GitHub signs them, shaped as GitHub shapes them, remembered as GitHub remembers them.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { verify } from '@octokit/webhooks-methods'
import { expect, onTestFinished, test, vi } from 'vitest'
import { toHook } from '../../src/github/hooks.ts'
import { deliver, storedDelivery } from '../support/github/hooks.ts'
import { setUp } from './stand-in.ts'

interface Heard {
  headers: Record<string, unknown>
  body: string
}

/** Answers with `statuses` one after the other, then with 202. */
async function listen(...statuses: number[]): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(statuses.shift() ?? 202).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  // A TCP server's address is an object.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`, heard }
}

test('a delivery carries the signature and the headers of GitHub', async () => {
  const { heard, url } = await listen()

  const went = await deliver({ url, secret: 'sixteen bytes and more' }, storedDelivery('opened'))

  const [delivery] = heard
  const signature = String(delivery?.headers['x-hub-signature-256'])
  expect(went).toMatchObject({ status: 202, guid: storedDelivery('opened').guid })
  expect(delivery?.headers).toMatchObject({
    'x-github-event': 'pull_request',
    'x-github-delivery': went.guid,
    'content-type': 'application/json',
    'user-agent': expect.stringMatching(/^GitHub-Hookshot\//),
  })
  expect(await verify('sixteen bytes and more', delivery?.body ?? '', signature)).toBe(true)
})

test('where nobody listens a delivery fails as GitHub records it', async () => {
  const went = await deliver({ url: 'http://127.0.0.1:1/hooks', secret: 'x' }, storedDelivery('opened'))

  expect(went.status).toBe(502)
})

test.each(['opened', 'synchronize', 'reopened', 'ready_for_review', 'edited'])(
  'the stored delivery %s asks for a review',
  (action) => {
    const { event, guid, payload } = storedDelivery(action)

    const hook = toHook({ id: guid, name: event, payload })

    expect(hook).toMatchObject({ kind: 'review', action, ref: { owner: 'Codertocat', repo: 'Hello-World', number: 2 } })
  },
)

test.each(['closed', 'converted_to_draft'])('the stored delivery %s ends the review', (action) => {
  const { event, guid, payload } = storedDelivery(action)

  const hook = toHook({ id: guid, name: event, payload })

  expect(hook).toMatchObject({ kind: 'close', action, number: 2 })
})

test('a payload names the repository, the head and the installation of the stand-in', async () => {
  const { github, pull, repository } = await setUp()
  const before = pull.headSha
  const after = await pull.push({ 'src/b.ts': 'new\n' })

  const payload = github.payloadFor(pull, 'synchronize')

  const installationId = repository.installation?.id
  expect(payload).toMatchObject({ action: 'synchronize', before, after, installation: { id: installationId } })
  expect(toHook({ id: 'a-b', name: 'pull_request', payload })).toMatchObject({
    kind: 'review',
    ref: { installationId, repositoryId: repository.id, number: pull.number, headSha: after, baseRef: 'main' },
  })
})

test('a failed delivery is listed, and redelivered under the same GUID', async () => {
  const { client, github, pull } = await setUp()
  const { heard, url } = await listen(503)
  github.hooks.target = { url, secret: github.app.webhookSecret }
  const { guid, status } = await github.send(pull, 'opened')
  const app = await client.app()

  const failed = await app.request('GET /app/hook/deliveries')
  await app.request('POST /app/hook/deliveries/{delivery_id}/attempts', { delivery_id: Number(failed.data[0]?.id) })

  await vi.waitFor(async () => {
    const { data } = await app.request('GET /app/hook/deliveries')
    expect(data).toMatchObject([
      { guid, status_code: 202, redelivery: true },
      { guid, status_code: 503, redelivery: false },
    ])
  })
  expect(status).toBe(503)
  expect(heard.map((one) => one.headers['x-github-delivery'])).toEqual([guid, guid])
  expect(heard[1]?.body).toBe(heard[0]?.body)
  expect(github.violations).toEqual([])
})

test('deliveries are paged by cursor, newest first', async () => {
  const { client, github, pull } = await setUp()
  const { url } = await listen()
  github.hooks.target = { url, secret: github.app.webhookSecret }
  for (const action of ['opened', 'closed', 'reopened']) await github.send(pull, action)
  const app = await client.app()

  const first = await app.request('GET /app/hook/deliveries', { per_page: 2 })
  const cursor = /cursor=([^&>]+)/.exec(first.headers.link ?? '')?.[1] ?? ''
  const second = await app.request('GET /app/hook/deliveries', { per_page: 2, cursor })

  expect(first.data.map((one) => one.action)).toEqual(['reopened', 'closed'])
  expect(second.data.map((one) => one.action)).toEqual(['opened'])
  expect(second.headers.link).toBeUndefined()
})
