// A GitHub for the first review: where no App is configured, the same client talks to this server on loopback instead. It
// holds one sample pull request and remembers what is posted to it until the process ends.
import { createVerify, generateKeyPair, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import type { DemoReview } from './review-book.ts'
import { createDemoRoutes, type DemoReply, type DemoRoutes } from './routes.ts'
import { type SampleDelivery, sampleDelivery } from './sample.ts'

export interface DemoGitHub {
  /** In place of `GITHUB_API_URL`. */
  readonly apiUrl: string
  /** Made for this process. */
  readonly app: { id: number; privateKey: string }
  readonly webhookSecret: string
  /** The sample, opened as this number: not signed yet, with a fresh GUID. */
  delivery(number: number): SampleDelivery
  /** What was posted to it and submitted, oldest first. */
  postedReviews(number: number): DemoReview[]
  close(): Promise<void>
}

/** Listens on loopback, on a port of the system's choice. Nobody gets an answer without the App's key or a token of ours. */
export async function startDemoGitHub(): Promise<DemoGitHub> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const routes = createDemoRoutes((jwt) => isSigned(jwt, publicKey))
  const server = createServer((request, response) => {
    // The client went away while it was sending: nobody waits for an answer.
    serve(routes, request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    apiUrl: `http://127.0.0.1:${port}`,
    app: { id: 1, privateKey },
    webhookSecret: randomBytes(32).toString('hex'),
    delivery: (number) => sampleDelivery(number, randomUUID()),
    postedReviews: (number) => routes.book.reviewsOf(number).filter((one) => one.state === 'submitted'),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
function isSigned(jwt: string, publicKey: string): boolean {
  const [head = '', claims = '', signature = ''] = jwt.split('.')
  return createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(publicKey, signature, 'base64url')
}

/** Far above a review's 65,536 characters of body and as many for each comment. */
const maxBytes = 8 * 1024 * 1024

async function serve(routes: DemoRoutes, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming) {
    const piece = Buffer.from(chunk)
    bytes += piece.length
    if (bytes > maxBytes) return void response.destroy()
    chunks.push(piece)
  }
  const text = Buffer.concat(chunks).toString()
  send(
    response,
    routes.answer({
      method: incoming.method ?? '',
      url: new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? '127.0.0.1'}`),
      credentials: /^(?:bearer|token) (.+)$/i.exec(incoming.headers.authorization ?? '')?.[1] ?? '',
      body: text === '' ? undefined : JSON.parse(text),
    }),
  )
}

function send(response: ServerResponse, { body, status }: DemoReply): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(body ?? null))
}
