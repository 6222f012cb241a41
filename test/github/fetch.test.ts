import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { createGitHubFetch } from '../../src/github/fetch.ts'

const stop: (() => void)[] = []
afterEach(() => {
  for (const one of stop.splice(0)) one()
})

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
  stop.push(() => (server.closeAllConnections(), server.close()))
  await vi.waitFor(() => expect(server.listening).toBe(true))
  // An address with a port, because the server listens on TCP.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a URL on another host is never asked', async () => {
  const asked: string[] = []
  const elsewhere = await serve((request, response) => response.end(asked.push(request.url ?? '')))
  const fetchGitHub = createGitHubFetch('https://api.github.test')

  const went = fetchGitHub(`${elsewhere}/repos`)

  await expect(went).rejects.toThrow(/was stopped/)
  expect(asked).toEqual([])
})

test('a redirect to another host is not followed', async () => {
  const asked: string[] = []
  const elsewhere = await serve((request, response) => response.end(asked.push(request.url ?? '')))
  const github = await serve((_, response) => response.writeHead(307, { location: `${elsewhere}/steal` }).end())

  const went = createGitHubFetch(github)(`${github}/repos`, { headers: { authorization: 'token ghs_secret' } })

  await expect(went).rejects.toThrow(/was stopped/)
  expect(asked).toEqual([])
})

test('a redirect in a circle ends', async () => {
  const github = await serve((request, response) => response.writeHead(301, { location: request.url }).end())

  const went = createGitHubFetch(github)(`${github}/repos`)

  await expect(went).rejects.toThrow(/too often/)
})

test('a write to a renamed repository is repeated at its new place as it was', async () => {
  const asked: string[] = []
  const github = await serve(async (request, response) => {
    const body = await request.toArray()
    asked.push(`${request.method} ${request.url} ${request.headers.authorization} ${body.join('')}`)
    if (request.url === '/repos/old/name') return response.writeHead(307, { location: '/repositories/1' }).end()
    return response.end('done')
  })

  const reply = await createGitHubFetch(github)(`${github}/repos/old/name`, {
    method: 'POST',
    headers: { authorization: 'token x' },
    body: '{}',
  })

  expect(await reply.text()).toBe('done')
  expect(asked).toEqual(['POST /repos/old/name token x {}', 'POST /repositories/1 token x {}'])
})

test('a caller who gives up is heard, also in the middle of the body', async () => {
  const github = await serve((_, response) => void response.writeHead(200).write('half'))
  const givingUp = new AbortController()

  const reply = await createGitHubFetch(github)(`${github}/repos`, { signal: givingUp.signal })
  givingUp.abort(new Error('the lease is over'))

  await expect(reply.text()).rejects.toThrow('the lease is over')
})
