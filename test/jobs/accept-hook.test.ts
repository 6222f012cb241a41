import { expect, test, vi } from 'vitest'
import { acceptHook } from '../../src/jobs/accept-hook.ts'
import type { Hook } from '../../src/jobs/hook.ts'
import { deliveryId, reviewId } from '../../src/review/ids.ts'
import { createKeptLog } from '../support/log.ts'

const hook: Hook = {
  kind: 'close',
  deliveryId: deliveryId('72d3162e-cc78-11e3-81ab-4c9367dc0958'),
  event: 'pull_request',
  action: 'closed',
  repositoryId: 1,
  number: 2,
  updatedAt: '2026-01-01T00:00:00Z',
  reason: 'The pull request was closed.',
}

test('a record that cannot be committed is an error, and nothing is promoted', async () => {
  const promoteSoon = vi.fn()

  const accepted = acceptHook(hook, {
    recordHook: () => Promise.reject(new Error('connect ECONNREFUSED')),
    promoteSoon,
    log: createKeptLog(),
  })

  await expect(accepted).rejects.toThrow('ECONNREFUSED')
  expect(promoteSoon).not.toHaveBeenCalled()
})

test('what was recorded is promoted soon', async () => {
  const promoteSoon = vi.fn()

  const recorded = await acceptHook(hook, {
    recordHook: async () => ({ kind: 'recorded', reviewId: reviewId('7') }),
    promoteSoon,
    log: createKeptLog(),
  })

  expect(recorded).toEqual({ kind: 'recorded', reviewId: '7' })
  expect(promoteSoon).toHaveBeenCalledOnce()
})
