// Whatever happens on the way, people see one review at most. What is checked is what GitHub holds afterwards.
import { describe, expect, test } from 'vitest'
import { ClosedDoorError, LostLeaseError, ParkedError, PermanentError } from '../../src/review/errors.ts'
import { parseMarker } from '../../src/review/marker.ts'
import { wording } from '../../src/review/wording.ts'
import { composed, createScene, headA, headB, openState, readLagMs, ref } from './posting.ts'

const published = (githubReviewId: number) => ({ kind: 'published', delivery: 'review', githubReviewId })
const superseded = {
  kind: 'superseded',
  by: { headSha: headB, baseRef: ref.baseRef },
  reason: wording.reason.newerCommit(headB),
}

describe('a review', () => {
  test('is posted once, at its head and with its comments', async () => {
    const { github, post } = createScene()
    const { body, comments } = composed()

    const outcome = await post()

    expect(outcome).toEqual(published(1))
    expect(github.submitted).toEqual([{ id: 1, state: 'submitted', body, comments, commitSha: headA }])
    expect(github.drafts).toEqual([])
  })

  test('that is submitted already is found by its marker, and not posted again', async () => {
    const { github, post } = createScene()
    const id = github.put('submitted', composed({ summary: 'In other words.' }))

    const outcome = await post()

    expect(outcome).toEqual(published(id))
    expect(github.submitted.map((one) => one.id)).toEqual([id])
    expect(github.drafts).toEqual([])
  })

  test('that is submitted already counts, even when its commit was pushed over since', async () => {
    const { github, post } = createScene()
    const id = github.put('submitted', composed())
    github.forcePush(headB)

    const outcome = await post()

    expect(outcome).toEqual(published(id))
  })

  test.each([
    { of: 'another head', body: composed({ headSha: headB }).body },
    { of: 'another base branch', body: composed({ baseRef: 'release' }).body },
    { of: 'our account without a marker', body: 'Looks good to me.' },
    { of: 'our account that quotes a marker', body: `${composed().body}\nAs I said.` },
  ])('is posted beside a submitted one of $of', async ({ body }) => {
    const { github, post } = createScene()
    const other = github.put('submitted', { body })

    const outcome = await post()

    expect(outcome).toEqual(published(other + 1))
    expect(github.submitted.map((one) => one.body)).toEqual([body, composed().body])
  })

  test('says the words that a former owner froze', async () => {
    const { github, post, row } = createScene()
    row.frozen = composed({ summary: 'Frozen by a former owner.' })

    await post(composed({ summary: 'Found out anew.' }))

    expect(github.submitted.map((one) => one.body)).toEqual([row.frozen.body])
  })

  test('waits while another review of the pull request is being posted', async () => {
    const { github, post, row } = createScene()
    github.put('pending', composed({ summary: 'Of the other review.' }))
    row.occupied = true

    const parked = post()

    await expect(parked).rejects.toSatisfy((error) => error instanceof ParkedError && error.delayMs === readLagMs)
    expect(github.drafts).toHaveLength(1)
    expect(github.submitted).toEqual([])
  })
})

describe('a draft', () => {
  test('with our bytes is adopted', async () => {
    const { github, post } = createScene()
    const draft = github.put('pending', composed())

    const outcome = await post()

    expect(outcome).toEqual(published(draft))
    expect(github.submitted.map((one) => one.id)).toEqual([draft])
  })

  test.each([
    { of: 'another head', body: composed({ headSha: headB }).body },
    { of: 'this head with other words', body: composed({ summary: 'Not what is frozen.' }).body },
    { of: 'this head for another base branch', body: composed({ baseRef: 'release' }).body },
    { of: 'our account that is not ours', body: 'A draft by another program.' },
  ])('of $of goes, and a new one is made', async ({ body }) => {
    const { github, post } = createScene()
    const other = github.put('pending', { body })

    const outcome = await post()

    expect(outcome).toEqual(published(other + 1))
    expect(github.submitted.map((one) => one.body)).toEqual([composed().body])
    expect(github.drafts).toEqual([])
  })

  test.each(['request', 'reply'] as const)('is deleted although the %s was lost', async (lost) => {
    const { github, post } = createScene()
    const other = github.put('pending', composed({ headSha: headB }))
    github.next('delete', { lost })

    const outcome = await post()

    expect(outcome).toEqual(published(other + 1))
    expect(github.drafts).toEqual([])
  })

  test('that somebody else deletes first is not in the way, and nothing is waited for', async () => {
    const { clock, github, post } = createScene()
    const other = github.put('pending', composed({ headSha: headB }))
    github.next('delete', { before: () => github.deleteDraft(ref, other) })

    const outcome = await post()

    expect(outcome).toEqual(published(other + 1))
    expect(clock.monotonicMs()).toBe(0)
  })

  test('that GitHub does not delete now parks the review, and nothing is posted over it', async () => {
    const { github, post } = createScene()
    const other = github.put('pending', composed({ headSha: headB }))
    github.next('delete', { refused: { kind: 'limited', delayMs: 60_000 } })

    const parked = post()

    await expect(parked).rejects.toSatisfy((error) => error instanceof ParkedError && error.delayMs === 60_000)
    expect(github.drafts.map((one) => one.id)).toEqual([other])
    expect(github.submitted).toEqual([])
  })

  test('that the list does not show yet is met when ours is refused, and goes', async () => {
    const { github, post } = createScene()
    github.next('create', { before: () => github.createDraft(ref, composed({ summary: 'Of somebody else.' })) })

    const outcome = await post()

    expect(outcome).toEqual(published(2))
    expect(github.submitted.map((one) => one.body)).toEqual([composed().body])
    expect(github.drafts).toEqual([])
  })
})

describe('a write without a reply', () => {
  test.each([
    { write: 'create', lost: 'request' },
    { write: 'create', lost: 'reply' },
    { write: 'submit', lost: 'request' },
    { write: 'submit', lost: 'reply' },
  ] as const)('ends in one review: the $lost of $write', async ({ lost, write }) => {
    const { github, post } = createScene()
    github.next(write, { lost })

    const outcome = await post()

    expect(outcome).toEqual(published(1))
    expect(github.submitted.map((one) => one.id)).toEqual([1])
    expect(github.drafts).toEqual([])
  })

  test('that is carried out late, just before it is repeated, ends in one review', async () => {
    const { github, post } = createScene()
    github.next('submit', { lost: 'request' })
    github.next('submit', { before: () => github.submitDraft(ref, 1) })

    const outcome = await post()

    expect(outcome).toEqual(published(1))
    expect(github.submitted.map((one) => one.id)).toEqual([1])
  })

  test('is found although the draft was made for another base branch with the same words', async () => {
    const { github, post } = createScene()
    github.put('pending', composed({ baseRef: 'release' }))
    github.next('submit', { lost: 'reply' })

    await post()

    expect(github.submitted.map((one) => parseMarker(one.body)?.baseRef)).toEqual(['main'])
  })

  test('of a former owner is waited for, and its review is not posted again', async () => {
    const { clock, github, post, row } = createScene()
    github.next('submit', { after: killed })
    await expect(post()).rejects.toThrow('killed')
    row.epoch = 2
    clock.pass(1_000)

    const outcome = await post(composed(), { epoch: 2 })

    expect(outcome).toEqual(published(1))
    expect(github.submitted.map((one) => one.id)).toEqual([1])
    expect(clock.monotonicMs()).toBe(readLagMs)
  })

  test('of a former owner that listed for long is waited for, from its submit on', async () => {
    const { clock, github, post, row } = createScene()
    github.next('list', { before: () => clock.pass(readLagMs) })
    github.next('submit', { after: killed })
    await expect(post()).rejects.toThrow('killed')
    row.epoch = 2

    const outcome = await post(composed(), { epoch: 2 })

    expect(outcome).toEqual(published(1))
    expect(github.submitted.map((one) => one.id)).toEqual([1])
  })

  test('of a former owner is not waited for when the list shows its draft', async () => {
    const { clock, github, post, row } = createScene()
    github.lagMs = 0
    github.next('submit', { before: killed })
    await expect(post()).rejects.toThrow('killed')
    row.epoch = 2

    const outcome = await post(composed(), { epoch: 2 })

    expect(outcome).toEqual(published(1))
    expect(clock.monotonicMs()).toBe(0)
  })

  test('of a former owner long ago is not waited for', async () => {
    const { clock, github, post, row } = createScene()
    github.next('create', { before: killed })
    await expect(post()).rejects.toThrow('killed')
    row.epoch = 2
    clock.pass(readLagMs)

    await post(composed(), { epoch: 2 })

    expect(github.submitted).toHaveLength(1)
    expect(clock.monotonicMs()).toBe(readLagMs)
  })

  test('is tried in eight rounds and no more', async () => {
    const { clock, github, post } = createScene()
    github.always('create', { lost: 'request' })

    const left = post()

    await expect(left).rejects.toThrow('posting the review of acme/shop#4 did not settle in 8 rounds')
    expect(clock.monotonicMs()).toBe(8 * readLagMs)
    expect(github.drafts).toEqual([])
  })
})

describe('at the last look', () => {
  test.each([
    { that: 'a newer commit', state: { headSha: headB }, outcome: superseded },
    {
      that: 'another base branch',
      state: { baseRef: 'release' },
      outcome: {
        kind: 'superseded',
        by: { headSha: ref.headSha, baseRef: 'release' },
        reason: wording.reason.otherBase,
      },
    },
    { that: 'closing', state: { open: false }, outcome: { kind: 'cancelled', reason: wording.reason.closed } },
    { that: 'a lock', state: { locked: true }, outcome: { kind: 'cancelled', reason: wording.reason.locked } },
  ])('$that ends the review, and its draft is gone', async ({ outcome, state }) => {
    const { github, post } = createScene()
    github.next('look', { before: () => (github.state = { ...openState, ...state }) })

    const ended = await post()

    expect(ended).toEqual(outcome)
    expect(github.submitted).toEqual([])
    expect(github.drafts).toEqual([])
  })

  test('a commit that was pushed before the draft ends the review, and its draft is gone', async () => {
    const { github, post } = createScene()
    github.push(headB)

    const outcome = await post()

    expect(outcome).toEqual(superseded)
    expect(github.submitted).toEqual([])
    expect(github.drafts).toEqual([])
  })

  test.each(['request', 'reply'] as const)('the draft goes although the %s to delete it was lost', async (lost) => {
    const { github, post } = createScene()
    github.next('look', { before: () => github.push(headB) })
    github.next('delete', { lost })

    const outcome = await post()

    expect(outcome).toEqual(superseded)
    expect(github.submitted).toEqual([])
    expect(github.drafts).toEqual([])
  })

  test('whoever lost the lease submits nothing, and the next owner submits the draft', async () => {
    const { clock, github, post, row } = createScene()
    github.next('look', { before: () => (row.epoch = 2) })

    await expect(post()).rejects.toThrow(LostLeaseError)
    const left = { drafts: github.drafts.map((one) => one.id), submitted: github.submitted }
    clock.pass(readLagMs)
    const outcome = await post(composed(), { epoch: 2 })

    expect(left).toEqual({ drafts: [1], submitted: [] })
    expect(outcome).toEqual(published(1))
  })

  test('whoever lost the lease deletes nothing, even when the head has moved', async () => {
    const { github, post, row } = createScene()
    github.next('look', { before: () => (github.push(headB), (row.epoch = 2)) })

    const lost = post()

    await expect(lost).rejects.toThrow(LostLeaseError)
    expect(github.drafts.map((one) => one.id)).toEqual([1])
  })

  test('a review that another worker has posted meanwhile is the one, and our draft goes', async () => {
    const { github, post } = createScene()
    github.next('look', { before: () => github.put('submitted', composed()) })

    const outcome = await post()

    expect(outcome).toEqual(published(2))
    expect(github.submitted.map((one) => one.id)).toEqual([2])
    expect(github.drafts).toEqual([])
  })

  test('our own draft that another worker has submitted meanwhile counts as posted', async () => {
    const { github, post } = createScene()
    github.lagMs = 0
    github.next('look', { before: () => github.submitDraft(ref, 1) })

    const outcome = await post()

    expect(outcome).toEqual(published(1))
    expect(github.submitted.map((one) => one.id)).toEqual([1])
  })

  test('a review that is posted counts, even when the head has moved since', async () => {
    const { github, post } = createScene()
    github.next('look', { before: () => (github.put('submitted', composed()), github.push(headB)) })

    const outcome = await post()

    expect(outcome).toEqual(published(2))
    expect(github.drafts).toEqual([])
  })

  test('a worker that slept while another one posted leaves one review', async () => {
    const { github, post, row } = createScene()
    const other = Promise.withResolvers<unknown>()
    const wakeTwo = () => {
      row.epoch = 2
      other.resolve(post(composed(), { epoch: 2 }))
      return other.promise
    }
    github.next('submit', { before: wakeTwo })

    const slept = post()

    await expect(slept).rejects.toThrow(LostLeaseError)
    expect(await other.promise).toEqual(published(1))
    expect(github.submitted.map((one) => one.id)).toEqual([1])
    expect(github.drafts).toEqual([])
  })
})

describe('GitHub refuses', () => {
  test('a commit that was pushed over, and the review is superseded', async () => {
    const { github, post } = createScene()
    github.forcePush(headB)

    const outcome = await post()

    expect(outcome).toEqual(superseded)
    expect(github.submitted).toEqual([])
    expect(github.drafts).toEqual([])
  })

  test('a commit that it does not know yet, and takes it later', async () => {
    const { clock, github, post } = createScene()
    github.next('create', { refused: { kind: 'commit-gone' } })

    const outcome = await post()

    expect(outcome).toEqual(published(1))
    expect(clock.monotonicMs()).toBe(readLagMs)
  })

  test.each(['create', 'submit'] as const)('to %s: its door was closed, and the review is cancelled', async (write) => {
    const { github, post } = createScene()
    github.next(write, { refused: { kind: 'closed-door', reason: 'The repository is archived.' } })

    const outcome = await post()

    expect(outcome).toEqual({ kind: 'cancelled', reason: 'The repository is archived.' })
    expect(github.submitted).toEqual([])
  })

  test.each(['create', 'submit'] as const)('to %s now: the review is parked, and posted once later', async (write) => {
    const { clock, github, post } = createScene()
    github.next(write, { refused: { kind: 'limited', delayMs: 60_000 } })

    const parked = post()
    await expect(parked).rejects.toSatisfy((error) => error instanceof ParkedError && error.delayMs === 60_000)
    const before = github.submitted
    clock.pass(60_000)
    const outcome = await post()

    expect(before).toEqual([])
    expect(outcome).toEqual(published(1))
    expect(github.submitted.map((one) => one.id)).toEqual([1])
  })

  test('to submit a draft that somebody has deleted, and a new one is submitted', async () => {
    const { github, post } = createScene()
    github.next('submit', { before: () => github.deleteDraft(ref, 1) })

    const outcome = await post()

    expect(outcome).toEqual(published(2))
    expect(github.submitted.map((one) => one.id)).toEqual([2])
  })

  test.each(['create', 'submit'] as const)('to %s for a reason that we do not know: no retry', async (write) => {
    const { github, post } = createScene()
    github.next(write, { refused: { kind: 'invalid', reason: 'Body is too long' } })

    const refused = post()

    await expect(refused).rejects.toThrow(PermanentError)
    await expect(refused).rejects.toThrow('GitHub refused the review of acme/shop#4: Body is too long')
    expect(github.submitted).toEqual([])
  })
})

describe('what its ports throw ends the try, and nothing is submitted:', () => {
  const asked = new ParkedError('as much was posted as GitHub lets an App post', 30_000)
  const closed = new ClosedDoorError('The App is not installed here any more.')

  test.each([
    { moment: 'list', error: closed },
    { moment: 'list', error: asked },
    { moment: 'create', error: asked },
    { moment: 'look', error: closed },
    { moment: 'look', error: asked },
    { moment: 'submit', error: asked },
  ] as const)('$error.name at $moment', async ({ error, moment }) => {
    const { github, post } = createScene()
    github.next(moment, { before: () => Promise.reject(error) })

    const ended = post()

    await expect(ended).rejects.toBe(error)
    expect(github.submitted).toEqual([])
  })

  test('a lease that was lost before', async () => {
    const { github, post, row } = createScene()
    const other = github.put('pending', composed({ headSha: headB }))
    row.epoch = 2

    const lost = post()

    await expect(lost).rejects.toThrow(LostLeaseError)
    expect(github.drafts.map((one) => one.id)).toEqual([other])
  })

  test('giving up while it waits', async () => {
    const { github, post } = createScene()
    const givingUp = new AbortController()
    const reason = new Error('the lease is over')
    github.next('create', { lost: 'reply', after: () => givingUp.abort(reason) })

    const ended = post(composed(), { signal: givingUp.signal })

    await expect(ended).rejects.toBe(reason)
    expect(github.drafts).toHaveLength(1)
    expect(github.submitted).toEqual([])
  })
})

function killed(): never {
  throw new Error('killed')
}
