// A server behind a proxy and a certificate of the house. Its name exists only for the proxy, so what is fetched went through it.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, request } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, type Server } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { createGit } from '../../src/repo/git.ts'
import { createMirrors } from '../../src/repo/mirror.ts'
import { startGitServer } from './git-server.ts'
import { createFolder, createRepository, patient } from './repositories.ts'

const certificate = fileURLToPath(new URL('../fixtures/tls/certificate.pem', import.meta.url))

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port // a TCP server's address is an object
}

/** TLS in front of a server on loopback, and a proxy that leads every name to it. */
async function startHouse(url: string): Promise<string> {
  const tls = { cert: readFileSync(certificate), key: readFileSync(certificate.replace('certificate', 'key')) }
  const server = createHttpsServer(tls, (incoming, outgoing) => {
    const { headers, method = 'GET', url: path = '/' } = incoming
    const onward = request({ host: '127.0.0.1', port: new URL(url).port, path, method, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  onTestFinished(() => server.closeAllConnections())
  const port = await listen(server)
  const proxy = createHttpServer().on('connect', (_, socket) => {
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    for (const one of [onward, socket]) one.on('error', () => [onward, socket].forEach((end) => end.destroy()))
  })
  return `http://127.0.0.1:${await listen(proxy)}`
}

/** In a process of its own: Node reads NODE_EXTRA_CA_CERTS when it starts. */
async function writeCertificates(folder: string, env: Record<string, string>): Promise<string> {
  const module = new URL('../../src/repo/trusted-certificates.ts', import.meta.url).href
  const script = `import { writeTrustedCertificates } from '${module}'\nconsole.log(writeTrustedCertificates('${folder}'))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env })
  return stdout.trim()
}

test('where nobody is trusted beside the usual ones, git keeps its own', async () => {
  expect(await writeCertificates(await createFolder(), {})).toBe('undefined')
})

test('git trusts whom Node was told to trust, goes the same way out, and trusts nobody else', async () => {
  const root = await createFolder()
  const { commits } = await createRepository(root, { 'a.ts': 'one\n' })
  const [head] = commits
  if (!head) throw new Error('no commit')
  const { url } = await startGitServer(root)
  const git = createGit({ PATH: process.env['PATH'] ?? '', https_proxy: await startHouse(url) })
  const certificateFile = await writeCertificates(root, { NODE_EXTRA_CA_CERTS: certificate })
  const told: object[] = []
  const log = { info: () => {}, warn: (fields: object) => void told.push(fields), error: () => {} }
  const source = { repositoryId: 1, url: 'https://github.test/served.git', base: head, head, token: async () => 'x' }
  const options = { git, folder: join(root, 'mirrors'), maxBytes: 1e9, log }

  const distrusted = await createMirrors({ ...options, certificateFile: undefined }).open(source, patient)
  const trusted = await createMirrors({ ...options, certificateFile }).open(source, patient)

  expect(distrusted).toBeUndefined()
  expect(told).toEqual([expect.objectContaining({ reason: expect.stringMatching(/certificate/i) })])
  expect(await trusted?.readFile('a.ts', 'head', patient)).toBe('one\n')
})
