import { expect, test } from 'vitest'
import { type PersonDeps, requestReview } from '../../src/jobs/requests.ts'
import { ClosedDoorError } from '../../src/review/errors.ts'
import { createKeptLog } from '../support/log.ts'

const address = { owner: 'acme', repo: 'shop', number: 4 }

function depsWhere(locate: PersonDeps['locate']) {
  const log = createKeptLog()
  const written: unknown[] = []
  const deps: PersonDeps = {
    locate,
    recordRequest: async (head) => {
      written.push(head)
      throw new Error('Postgres is away')
    },
    retryReview: async () => false,
    cancelReview: async () => false,
    exists: async () => false,
    promoteSoon: () => undefined,
    log,
  }
  return { deps, log, written }
}

test('a pull request that nobody may see is refused with its reason', async () => {
  const { deps, written } = depsWhere(() => Promise.reject(new ClosedDoorError('There is no such pull request.')))

  const requested = await requestReview(address, deps)

  expect(requested).toEqual({ kind: 'refused', reason: 'There is no such pull request.' })
  expect(written).toEqual([])
})

test('a GitHub that does not answer is a refusal with a sentence, and its cause is logged', async () => {
  const { deps, log } = depsWhere(() => Promise.reject(new Error('connect ECONNREFUSED')))

  const requested = await requestReview(address, deps)

  expect(requested).toEqual({ kind: 'refused', reason: expect.stringContaining('GitHub could not be asked') })
  expect(log.lines).toMatchObject([{ level: 'warn', fields: address }])
})

test('a record that cannot be written is an error, and not the fault of whoever asked', async () => {
  const located = { ref: { ...address } as never, title: 'Add a cart', author: 'octocat' } // the record is never reached
  const { deps } = depsWhere(async () => located)

  await expect(requestReview(address, deps)).rejects.toThrow('Postgres is away')
})
