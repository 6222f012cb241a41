// The two routes that ours is compared with, each in a process of its own: `node bench/webhook-server.ts probot|http`.
// They write exactly what ours does, through the same `recordHook`; so what differs is the way there.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createNodeMiddleware, Probot } from 'probot'
import { toHook, type WebhookDelivery } from '../src/github/hooks.ts'
import { webhookPath } from '../src/http/server.ts'
import { createLog } from '../src/log.ts'
import { createIntake } from '../src/store/intake.ts'
import { openPostgres } from '../src/store/database.ts'

const env = (name: string): string => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}

const log = createLog({ level: 'info', secrets: [] })
const db = openPostgres({ url: env('DATABASE_URL'), max: 10, statementTimeoutMs: 10_000, log })
const { recordHook } = createIntake(db)

async function record(delivery: WebhookDelivery): Promise<void> {
  const hook = toHook(delivery)
  if (hook.kind === 'ignored') throw new Error(hook.reason)
  await recordHook(hook)
}

/** As the tutorials of Probot have it. */
async function createProbotListener(): Promise<RequestListener> {
  const probot = new Probot({ appId: 1, privateKey: env('PRIVATE_KEY'), secret: env('WEBHOOK_SECRET') })
  const middleware = await createNodeMiddleware(
    (app) => {
      app.on('pull_request', ({ id, name, payload }) => record({ id, name, payload }))
    },
    { probot, webhooksPath: webhookPath },
  )
  return (request, response) => void middleware(request, response)
}

/** As little as can be: no cap, no time limit, no check of anything but the signature. */
function createBareListener(): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const digest = `sha256=${createHmac('sha256', env('WEBHOOK_SECRET')).update(body).digest('hex')}`
      const given = String(request.headers['x-hub-signature-256'])
      if (given.length !== digest.length || !timingSafeEqual(Buffer.from(digest), Buffer.from(given)))
        return void response.writeHead(401).end()
      const payload: unknown = JSON.parse(body.toString())
      const id = String(request.headers['x-github-delivery'])
      record({ id, name: 'pull_request', payload }).then(
        () => response.writeHead(202).end(),
        (error: unknown) => response.writeHead(503).end(String(error)),
      )
    })
  }
}

const server = createServer(process.argv[2] === 'probot' ? await createProbotListener() : createBareListener())
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
log.info({ url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` }, 'listening')
