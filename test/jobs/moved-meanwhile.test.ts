import { expect, test } from 'vitest'
import { movedMeanwhile } from '../../src/jobs/moved-meanwhile.ts'
import { ParkedError } from '../../src/review/errors.ts'
import type { PullRequestState } from '../../src/review/pull-request.ts'
import { wording } from '../../src/review/wording.ts'
import { createScene, headB, ref } from './posting.ts'

const { signal } = new AbortController()

/** What becomes of a review of `ref` whose files were not those of its head. */
function meanwhile(changed: Partial<PullRequestState>) {
  const { github } = createScene()
  github.state = { ...github.state, ...changed }
  return movedMeanwhile(ref, github, signal)
}

test('files of a newer commit end the review: that one is reviewed instead', async () => {
  const outcome = await meanwhile({ headSha: headB })

  expect(outcome).toEqual({
    kind: 'superseded',
    by: { headSha: headB, baseRef: ref.baseRef },
    reason: wording.reason.newerCommit(headB),
  })
})

test('files against another base branch end the review: against that one it is reviewed', async () => {
  const outcome = await meanwhile({ baseRef: 'release' })

  expect(outcome).toEqual({
    kind: 'superseded',
    by: { headSha: ref.headSha, baseRef: 'release' },
    reason: wording.reason.otherBase,
  })
})

test('files of a pull request that was closed meanwhile end the review', async () => {
  const outcome = await meanwhile({ open: false })

  expect(outcome).toEqual({ kind: 'cancelled', reason: wording.reason.closed })
})

test('files that lag behind the head are waited for, without an attempt', async () => {
  const parked = meanwhile({})

  await expect(parked).rejects.toSatisfy((error) => error instanceof ParkedError && error.delayMs === 10_000)
  await expect(parked).rejects.toThrow('the files of acme/shop#4 does not show its head yet')
})
