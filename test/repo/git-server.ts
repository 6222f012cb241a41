// Git over HTTP on loopback, as a server speaks it: `git http-backend`, which comes with git, behind a check of the token.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
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
    if (expected !== undefined && authorization !== expected)
      response.writeHead(403, { 'content-type': 'text/plain' }).end(`no entry for ${authorization}`)
    else runBackend(root, request, response)
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

/** CGI: https://git-scm.com/docs/git-http-backend */
function runBackend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
  const env = {
    PATH: process.env['PATH'],
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    PATH_INFO: decodeURIComponent(pathname),
    QUERY_STRING: search.slice(1),
    REQUEST_METHOD: request.method,
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
    REMOTE_ADDR: '127.0.0.1',
  }
  const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] })
  request.pipe(child.stdin)
  // The client may go away in the middle.
  for (const end of [child.stdin, response]) end.on('error', () => child.kill())
  response.on('close', () => child.kill())
  let head = Buffer.alloc(0)
  child.stdout.on('data', (chunk: Buffer) => {
    if (response.headersSent) return void response.write(chunk)
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    const fields = new Map(
      head
        .toString('latin1', 0, end)
        .split('\r\n')
        .map((line) => splitField(line)),
    )
    const status = Number(fields.get('Status')?.slice(0, 3) ?? 200)
    fields.delete('Status')
    response.writeHead(status, Object.fromEntries(fields))
    response.write(head.subarray(end + 4))
  })
  child.on('close', () => response.end())
}

function splitField(line: string): [string, string] {
  const at = line.indexOf(': ')
  return [line.slice(0, at), line.slice(at + 2)]
}
