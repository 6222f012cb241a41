// Git over HTTP as a server speaks it: `git http-backend`, which comes with git.
import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface Served {
  /** The folder of the bare repositories. */
  root: string
  /** Below it, with a slash at the front: `/NAME.git/info/refs`. */
  path: string
}

/** CGI: https://git-scm.com/docs/git-http-backend. Resolves when the answer is out, or the client has gone away. */
export async function runGitBackend(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const env = {
    PATH: process.env['PATH'],
    GIT_PROJECT_ROOT: served.root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    PATH_INFO: served.path,
    QUERY_STRING: new URL(request.url ?? '/', 'http://localhost').search.slice(1),
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
    const { Status: status = '200', ...fields } = fieldsOf(head.toString('latin1', 0, end))
    response.writeHead(Number(status.slice(0, 3)), fields)
    response.write(head.subarray(end + 4))
  })
  await new Promise((resolve) => child.on('close', resolve))
  response.end()
}

function fieldsOf(head: string): Record<string, string> {
  const lines = head.split('\r\n').map((line) => ({ line, at: line.indexOf(': ') }))
  return Object.fromEntries(lines.map(({ at, line }) => [line.slice(0, at), line.slice(at + 2)]))
}
