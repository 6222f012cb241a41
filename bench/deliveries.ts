// A sender of deliveries: signed, each with a GUID, a pull request and a head of its own, as large as GitHub's.
import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { webhookPath } from '../src/http/server.ts'

export interface Load {
  /** Milliseconds; `Infinity` where the answer was no 2xx. */
  latenciesMs: number[]
  /** Those that were answered 2xx. */
  perSecond: number
}

export interface Sender {
  url: string
  secret: string
}

/** Fifty connections, each sends again as soon as it was answered. */
export async function saturate(sender: Sender, ms: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  const latenciesMs: number[] = []
  const started = performance.now()
  const lane = async (): Promise<void> => {
    while (performance.now() - started < ms) latenciesMs.push(await deliver(sender, agent, performance.now()))
  }
  await Promise.all(Array.from({ length: 50 }, lane))
  agent.destroy()
  const taken = latenciesMs.filter(Number.isFinite).length
  return { latenciesMs, perSecond: (taken * 1000) / (performance.now() - started) }
}

/** Open loop: the next one is sent when it is due, whether the last one was answered or not, and timed from when it was due. */
export async function sendSteadily(sender: Sender, perSecond: number, ms: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 })
  const sent: Promise<number>[] = []
  const started = performance.now()
  const count = (perSecond * ms) / 1000
  while (sent.length < count) {
    const dueAt = started + (sent.length * 1000) / perSecond
    const waitMs = dueAt - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    const answered = deliver(sender, agent, dueAt)
    // Its error is thrown below, with the others'.
    answered.catch(() => undefined)
    sent.push(answered)
  }
  const latenciesMs = await Promise.all(sent)
  agent.destroy()
  return { latenciesMs, perSecond: (count * 1000) / (performance.now() - started) }
}

let pulls = 0
const example: unknown = JSON.parse(readFileSync('test/fixtures/deliveries/pull_request.opened.json', 'utf8'))
const template = createTemplate(example)

/** The pieces of the body between number and head. */
function createTemplate(delivery: unknown): string[] {
  // `as`: the shape of our own fixture.
  const { payload } = delivery as { payload: { pull_request: { number: unknown; head: { sha: string } } } }
  const changed = structuredClone(payload)
  changed.pull_request.number = '<number>'
  changed.pull_request.head.sha = '<sha>'
  return JSON.stringify({ ...changed, installation: { id: 7 } }).split(/"<number>"|<sha>/)
}

function createBody(): Buffer {
  const pull = String(++pulls)
  const sha = randomBytes(20).toString('hex')
  const shaFirst = template[0]?.endsWith('"sha":"') === true
  const [first, second] = shaFirst ? [sha, pull] : [pull, sha]
  return Buffer.from(`${template[0]}${first}${template[1]}${second}${template[2]}`)
}

function deliver({ secret, url }: Sender, agent: Agent, startedAt: number): Promise<number> {
  const body = createBody()
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-github-delivery': randomUUID(),
    'x-github-event': 'pull_request',
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  }
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${webhookPath}`, { method: 'POST', agent, headers }, (response) => {
      response.resume()
      response.on('end', () => {
        const good = response.statusCode !== undefined && response.statusCode < 300
        if (good) resolve(performance.now() - startedAt)
        // Refused, or too late: a sender waits for ever, and the quantiles say so.
        else resolve(Infinity)
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
