import { expect, test, vi } from 'vitest'
import { createPacedBoard, type WritePace } from '../../src/jobs/paced.ts'
import { ParkedError } from '../../src/review/errors.ts'
import { commitSha } from '../../src/review/ids.ts'
import type { PullRequestRef } from '../../src/review/pull-request.ts'

const publication = { commitSha: commitSha('a'.repeat(40)), body: 'One problem.', comments: [], payloadHash: 'h' }
const signal = new AbortController().signal
const ref: PullRequestRef = {
  installationId: 77,
  repositoryId: 2,
  owner: 'acme',
  repo: 'shop',
  number: 4,
  headSha: commitSha('a'.repeat(40)),
  baseRef: 'main',
  kind: 'pull_request',
}
const slow = { take: async () => ({ kind: 'wait' as const, delayMs: 12_000 }) }
const free = { take: async () => ({ kind: 'taken' as const }) }
const done = async () => ({ kind: 'done' as const, value: { id: 1 } })

/** So many writes are left. */
function paceWith(left: number): WritePace {
  return {
    take: async (_, following = 0) =>
      left > following ? (left--, { kind: 'taken' }) : { kind: 'wait', delayMs: 12_000 },
  }
}

function board() {
  const deleteDraft = vi.fn(async () => ({ kind: 'done' as const, value: undefined }))
  return { listOurs: async () => [], createDraft: vi.fn(done), submitDraft: vi.fn(done), deleteDraft }
}

test('over the pace nothing is posted, and the review is parked until there is room', async () => {
  const given = board()

  const submitted = createPacedBoard(given, slow).submitDraft(ref, 1, signal)

  await expect(submitted).rejects.toThrow(ParkedError)
  await expect(submitted).rejects.toMatchObject({ delayMs: 12_000 })
  expect(given.submitDraft).not.toHaveBeenCalled()
})

test('a draft is not begun without a write left for its submit', async () => {
  const given = board()
  const narrow = createPacedBoard(given, paceWith(1))
  const wide = createPacedBoard(given, paceWith(2))

  const refused = narrow.createDraft(ref, publication, signal)
  await expect(refused).rejects.toThrow(ParkedError)
  const created = await wide.createDraft(ref, publication, signal)
  const submitted = await wide.submitDraft(ref, 1, signal)

  expect([created.kind, submitted.kind]).toEqual(['done', 'done'])
  expect(given.createDraft).toHaveBeenCalledOnce()
})

test('a draft in the way is deleted at any pace', async () => {
  const given = board()

  await createPacedBoard(given, slow).deleteDraft(ref, 1, signal)

  expect(given.deleteDraft).toHaveBeenCalledOnce()
})

test('within the pace everything goes through', async () => {
  const submitted = await createPacedBoard(board(), free).submitDraft(ref, 1, signal)

  expect(submitted).toEqual({ kind: 'done', value: { id: 1 } })
})
