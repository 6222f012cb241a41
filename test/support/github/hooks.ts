// The App's webhook: payloads shaped like GitHub's, signed deliveries, and the record that GitHub keeps of them.
import { createHmac, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Json, repositoryJson, timestamp, userJson } from './json.ts'
import { pullRequestJson } from './pull-json.ts'
import type { PullRequest } from './world/pull-request.ts'

export interface HookTarget {
  /** The full address of the webhook route. */
  url: string
  secret: string
}

export interface Delivery {
  /** `X-GitHub-Event`. */
  event: string
  /** `X-GitHub-Delivery`; a fresh one by default. */
  guid?: string
  payload: object
}

export interface Delivered {
  guid: string
  /** 502: nobody listened. 504: no answer within GitHub's 10 s. */
  status: number
  body: string
}

/** https://docs.github.com/en/webhooks/using-webhooks/handling-webhook-deliveries */
const timeoutMs = 10_000

/** Sends one delivery, signed as GitHub does. Never rejects. https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
export async function deliver(target: HookTarget, delivery: Delivery): Promise<Delivered> {
  const { event, guid = randomUUID(), payload } = delivery
  const body = JSON.stringify(payload)
  const sign = (algorithm: string): string =>
    `${algorithm}=${createHmac(algorithm, target.secret).update(body).digest('hex')}`
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/6f1ec9f',
    'x-github-event': event,
    'x-github-delivery': guid,
    'x-github-hook-installation-target-type': 'integration',
    'x-hub-signature': sign('sha1'),
    'x-hub-signature-256': sign('sha256'),
  }
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const reply = await fetch(target.url, { method: 'POST', headers, body, signal })
    return { guid, status: reply.status, body: await reply.text() }
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError'
    return { guid, status: late ? 504 : 502, body: String(error) }
  }
}

/** One of `test/fixtures/deliveries`: GitHub's own examples, as one pull request's life. */
export function storedDelivery(action: string): Required<Delivery> {
  const file = new URL(`../../fixtures/deliveries/pull_request.${action}.json`, import.meta.url)
  // Written in this shape.
  return JSON.parse(readFileSync(file, 'utf8')) as Required<Delivery>
}

const examplesFile = '@octokit/webhooks-examples/api.github.com/index.json'
let examples: { name: string; examples: Json[] }[] | undefined

function examplePayload(action: string): Json {
  // Octokit's collection of GitHub's payloads: events by name, each with examples.
  examples ??= JSON.parse(readFileSync(createRequire(import.meta.url).resolve(examplesFile), 'utf8')) as typeof examples
  const ofPulls = examples?.find((one) => one.name === 'pull_request')?.examples ?? []
  const found = ofPulls.find((one) => one['action'] === action && 'installation' in one)
  // `edited` is not among the examples; what sets it apart is `changes`.
  const payload = found ?? ofPulls.find((one) => one['action'] === 'opened' && 'installation' in one)
  return structuredClone(payload ?? {})
}

/**
 * The payload that GitHub sends for the pull request as it is now. `more` adds or replaces fields, for example
 * `changes: { base: { ref: { from: 'main' } } }` of `edited`.
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
 */
export function payloadFor(pull: PullRequest, about: { action: string; api: string; more?: Json }): Json {
  const { action, api, more = {} } = about
  const { installation, owner } = pull.repository
  const example = examplePayload(action)
  const former = pull.heads.at(-2)
  return {
    ...example,
    action,
    number: pull.number,
    // An example's pull request is an object.
    pull_request: { ...(example['pull_request'] as Json), ...pullRequestJson(pull, api), merged: pull.fields.merged },
    repository: { ...repositoryJson(pull.repository, api) },
    sender: userJson(pull.author ?? owner, api),
    ...(installation ? { installation: { id: installation.id, node_id: `MDI_${installation.id}` } } : {}),
    ...(action === 'synchronize' ? { before: former ?? pull.headSha, after: pull.headSha } : {}),
    ...more,
  }
}

interface RecordedDelivery {
  id: number
  delivery: Required<Delivery>
  deliveredAt: Date
  redelivery: boolean
  durationMs: number
  status: number
}

/** What GitHub knows of the deliveries of the App's webhook. */
export class HookLog {
  /** Oldest first. */
  readonly records: RecordedDelivery[] = []
  target: HookTarget | undefined
  readonly #nextId: () => number
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(nextId: () => number) {
    this.#nextId = nextId
  }

  /** Throws when no target was set. */
  async send(delivery: Delivery): Promise<Delivered> {
    return this.#attempt({ guid: randomUUID(), ...delivery }, false)
  }

  /** GitHub's Redeliver: the same GUID and payload, not waited for. */
  redeliver(id: number): boolean {
    const record = this.records.find((one) => one.id === id)
    if (!record) return false
    const attempt = this.#attempt(record.delivery, true)
    this.#underWay.add(attempt)
    void attempt.finally(() => this.#underWay.delete(attempt))
    return true
  }

  async settle(): Promise<void> {
    await Promise.allSettled(this.#underWay)
  }

  async #attempt(delivery: Required<Delivery>, redelivery: boolean): Promise<Delivered> {
    if (!this.target) throw new Error('the webhook leads nowhere: set hooks.target')
    const deliveredAt = new Date()
    const went = await deliver(this.target, delivery)
    const durationMs = Date.now() - deliveredAt.getTime()
    this.records.push({ id: this.#nextId(), delivery, deliveredAt, redelivery, durationMs, status: went.status })
    return went
  }
}

const words: Record<number, string> = { 502: 'failed to connect to host', 504: 'timed out' }

export function deliveryJson(record: RecordedDelivery): Json {
  const { delivery, status } = record
  // Payloads of this stand-in and GitHub's examples both have these.
  const payload = delivery.payload as { action?: string; installation?: { id: number }; repository?: { id: number } }
  return {
    id: record.id,
    guid: delivery.guid,
    delivered_at: timestamp(record.deliveredAt),
    redelivery: record.redelivery,
    duration: record.durationMs / 1000,
    status: status < 300 ? 'OK' : (words[status] ?? `Invalid HTTP Response: ${status}`),
    status_code: status,
    event: delivery.event,
    action: payload.action ?? null,
    installation_id: payload.installation?.id ?? null,
    repository_id: payload.repository?.id ?? null,
  }
}
