// The Probot app function, as Probot runs it.
import nock from 'nock'
import { Probot } from 'probot'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp, receiveDelivery } from '../src/github/app-function.ts'
import { createProbot } from '../src/github/client.ts'
import type { Hook } from '../src/jobs/hook.ts'
import { deliveryPayload } from './github/deliveries.ts'
import { apiUrl, privateKey, silent } from './github/mocked.ts'

const guid = '72d3162e-cc78-11e3-81ab-4c9367dc0958'

beforeEach(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())

async function startApp(record: (hook: Hook) => Promise<unknown>): Promise<Probot> {
  const probot = createProbot({ appId: 1, privateKey, apiUrl })
  await probot.load(createApp({ record, log: silent }))
  return probot
}

test('a payload that cannot be used is refused with the status and without the payload', async () => {
  const recorded: Hook[] = []
  const probot = await startApp(async (hook) => recorded.push(hook))
  const payload = deliveryPayload('opened', { 'pull_request.head.sha': undefined })

  const received = receiveDelivery(probot, { id: guid, name: 'pull_request', payload })

  await expect(received).rejects.toSatisfy((error) => error.status === 400 && !('event' in error))
  expect(recorded).toEqual([])
})

test('a delivery that could not be recorded fails with what went wrong', async () => {
  const lost = new Error('Postgres is away')
  const probot = await startApp(() => Promise.reject(lost))

  const received = receiveDelivery(probot, { id: guid, name: 'pull_request', payload: deliveryPayload('opened') })

  await expect(received).rejects.toBe(lost)
  expect(lost).not.toHaveProperty('event')
})

test('a delivery that starts nothing is accepted', async () => {
  const recorded: Hook[] = []
  const probot = await startApp(async (hook) => recorded.push(hook))

  await receiveDelivery(probot, { id: guid, name: 'pull_request', payload: deliveryPayload('labeled') })
  await receiveDelivery(probot, { id: guid, name: 'star', payload: { action: 'created' } })

  expect(recorded).toEqual([])
})

test('an opened pull request is recorded, without a question to GitHub', async () => {
  const recorded: Hook[] = []
  const probot = await startApp(async (hook) => recorded.push(hook))

  await receiveDelivery(probot, { id: guid, name: 'pull_request', payload: deliveryPayload('opened') })

  expect(recorded).toMatchObject([{ kind: 'review', deliveryId: guid, action: 'opened', ref: { number: 2 } }])
})

test('a delivery has arrived only when it is recorded', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const probot = await startApp(() => promise)
  let arrived = false

  const received = receiveDelivery(probot, { id: guid, name: 'pull_request', payload: deliveryPayload('closed') })
  void received.then(() => (arrived = true))
  await new Promise(setImmediate)
  const before = arrived
  resolve()
  await received

  expect(before).toBe(false)
})

test('the app function runs in any Probot', async () => {
  const recorded: Hook[] = []
  const probot = new Probot({ appId: 1, privateKey, logLevel: 'fatal' })
  await probot.load(createApp({ record: async (hook) => recorded.push(hook), log: silent }))

  await receiveDelivery(probot, { id: guid, name: 'pull_request', payload: deliveryPayload('synchronize') })

  expect(recorded).toMatchObject([{ kind: 'review', action: 'synchronize' }])
})
