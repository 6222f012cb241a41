// Git over HTTP on loopback, behind a check of the token.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { runGitBackend } from '../support/github/git-backend.ts'
import { git } from '../support/github/world/git.ts'

export interface GitServer {
  /** Of the one repository. */
  url: string
  /** What each request carried, in order. */
  authorizations: (string | undefined)[]
  /** Called for each request, before it is answered. */
  onRequest?: () => void
}

/** Serves the bare repository `NAME.git` of `root` to whoever has the token, until the test is over. */
export async function startGitServer(
  root: string,
  options: { token?: string; name?: string } = {},
): Promise<GitServer> {
  const { name = 'served.git', token } = options
  for (const setting of ['uploadpack.allowFilter', 'uploadpack.allowAnySHA1InWant'])
    await git(`${root}/${name}`, ['config', setting, 'true'])
  const served: GitServer = { url: '', authorizations: [] }
  const expected = token && `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
  const server = createServer((request, response) => {
    const { authorization } = request.headers
    served.authorizations.push(authorization)
    served.onRequest?.()
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    if (expected !== undefined && authorization !== expected)
      response.writeHead(403, { 'content-type': 'text/plain' }).end(`no entry for ${authorization}`)
    else void runGitBackend({ root, path }, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // a TCP server's address is an object
  served.url = `http://127.0.0.1:${port}/${name}`
  return served
}
