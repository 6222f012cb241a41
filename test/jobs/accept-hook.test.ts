import { expect, test } from 'vitest'
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

test('a review that cannot be enqueued is recorded all the same', async () => {
  const log = createKeptLog()
  const queue = { enqueue: () => Promise.reject(new Error('connect ECONNREFUSED')) }

  const recorded = await acceptHook(hook, {
    recordHook: async () => ({ kind: 'recorded', reviewId: reviewId('7') }),
    queue,
    log,
  })

  expect(recorded).toEqual({ kind: 'recorded', reviewId: '7' })
  expect(log.lines.map((line) => line.level)).toContain('warn')
})

test('a queue that does not answer delays the answer by at most its 300 ms', async () => {
  const queue = { enqueue: () => new Promise<never>(() => undefined) }

  const recorded = await acceptHook(hook, {
    recordHook: async () => ({ kind: 'again', reviewId: reviewId('7') }),
    queue,
    log: createKeptLog(),
  })

  expect(recorded.kind).toBe('again')
})

test('a record that cannot be committed is an error, and nothing is enqueued', async () => {
  const enqueued: string[] = []
  const queue = {
    enqueue: async (id: string) => {
      enqueued.push(id)
      return 'added' as const
    },
  }

  const accepted = acceptHook(hook, {
    recordHook: () => Promise.reject(new Error('connect ECONNREFUSED')),
    queue,
    log: createKeptLog(),
  })

  await expect(accepted).rejects.toThrow('ECONNREFUSED')
  expect(enqueued).toEqual([])
})
