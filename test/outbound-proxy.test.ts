// GitHub and the model behind a corporate proxy and a corporate certificate. The names exist only for the proxy, so an
// answer proves that the request went through it.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, request } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Diagnosis } from '../src/doctor.ts'
import { gitEnvironment } from '../src/outbound-proxy.ts'
import { startGitHub } from './support/github/github.ts'
import { startModel } from './support/model/model.ts'

const certificate = fileURLToPath(new URL('fixtures/tls/certificate.pem', import.meta.url))

let env: Record<string, string>
/** What the proxy was asked to connect to. */
let asked: string[]

beforeEach(async () => {
  const github = await startGitHub()
  const model = await startModel(() => ({ kind: 'text', text: '{"ready": true}' }))
  onTestFinished(async () => void (await Promise.all([github.close(), model.close()])))
  const ports = {
    'github.test:443': await startTls(new URL(github.url).port),
    'model.test:443': await startTls(new URL(model.url).port),
  }
  asked = []
  env = {
    PATH: process.env['PATH'] ?? '',
    APP_ID: String(github.app.id),
    PRIVATE_KEY: github.app.privateKey,
    GITHUB_API_URL: 'https://github.test',
    OPENAI_BASE_URL: 'https://model.test/v1',
    OPENAI_MODEL: 'stand-in',
    HTTPS_PROXY: await startProxy(ports),
    NODE_EXTRA_CA_CERTS: certificate,
  }
})

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port // a TCP server's address is an object
}

/** TLS in front of a stand-in. */
function startTls(port: string): Promise<number> {
  const tls = { cert: readFileSync(certificate), key: readFileSync(certificate.replace('certificate', 'key')) }
  const server = createHttpsServer(tls, (incoming, outgoing) => {
    const { headers, method = 'GET', url = '/' } = incoming
    const onward = request({ host: '127.0.0.1', port, path: url, method, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  onTestFinished(() => server.closeAllConnections())
  return listen(server)
}

/** CONNECT only. https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6 */
async function startProxy(ports: Readonly<Record<string, number>>): Promise<string> {
  const server = createHttpServer()
  server.on('connect', (incoming, socket) => {
    asked.push(incoming.url ?? '')
    const onward = connect(ports[incoming.url ?? ''] ?? 1, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    for (const one of [onward, socket]) one.on('error', () => [onward, socket].forEach((end) => end.destroy()))
  })
  return `http://127.0.0.1:${await listen(server)}`
}

async function runDoctor(): Promise<Diagnosis[]> {
  const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
  const run = promisify(execFile)(process.execPath, [cli, 'doctor', '--json'], { cwd: tmpdir(), env })
  // A child that exits with a code above 0 rejects with what it printed.
  const { stdout } = await run.catch((error: { stdout: string }) => error)
  return JSON.parse(stdout) as Diagnosis[] // what the command prints
}

const about = (diagnoses: Diagnosis[], what: string): Diagnosis[] => diagnoses.filter((one) => one.about === what)

test('without the certificate of the house, nobody is trusted', async () => {
  delete env['NODE_EXTRA_CA_CERTS']

  const diagnoses = await runDoctor()

  expect(about(diagnoses, 'GitHub')).toMatchObject([{ mark: 'fail', sentence: 'It cannot be reached.' }])
  expect(about(diagnoses, 'model')).toMatchObject([{ mark: 'fail' }])
})

test('a host that NO_PROXY names is asked directly', async () => {
  env['NO_PROXY'] = 'github.test'

  const diagnoses = await runDoctor()

  expect(about(diagnoses, 'GitHub')).toMatchObject([{ mark: 'fail', sentence: 'It cannot be reached.' }])
  expect(new Set(asked)).toEqual(new Set(['model.test:443']))
})

test('GitHub and the model are asked through the proxy', async () => {
  const diagnoses = await runDoctor()

  expect(about(diagnoses, 'GitHub')).toContainEqual(
    expect.objectContaining({ mark: 'ok', sentence: 'The key is valid; the App is called plumbline.' }),
  )
  // It answers; what it costs is not set here.
  expect(about(diagnoses, 'model').map(({ mark }) => mark)).toEqual(['ok', 'ok', 'warn'])
  expect(new Set(asked)).toEqual(new Set(['github.test:443', 'model.test:443']))
})

test('a proxy that is no URL is told, before anything is asked', async () => {
  env['HTTPS_PROXY'] = 'not a url'
  const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

  const run = promisify(execFile)(process.execPath, [cli, 'doctor'], { cwd: tmpdir(), env })

  await expect(run).rejects.toMatchObject({ stderr: expect.stringContaining('HTTPS_PROXY is not the URL of a proxy') })
})

test('git is told of programs and of the same way out, and of nothing else', () => {
  const told = gitEnvironment({
    PATH: '/usr/bin',
    PRIVATE_KEY: 'a secret',
    HTTPS_PROXY: 'http://proxy:3128',
    NO_PROXY: '.house',
  })

  expect(told).toEqual({
    PATH: '/usr/bin',
    https_proxy: 'http://proxy:3128',
    no_proxy: '.house,localhost,127.0.0.1,[::1]',
  })
})
