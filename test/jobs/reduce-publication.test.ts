// GitHub refuses a whole review for one line, and does not say which. Whatever is done about it, every finding is said.
import { expect, test } from 'vitest'
import { withoutComments } from '../../src/review/compose.ts'
import { LostLeaseError, PermanentError } from '../../src/review/errors.ts'
import { composed, createScene, type PullRequest, patches, titles } from './posting.ts'

const lineRefused = { refused: { kind: 'line' } } as const

/** Where people read each claim, for the one review that is posted. */
function saidOn(github: PullRequest): { inline: string[]; body: string[] }[] {
  return github.submitted.map(({ body, comments }) => ({
    inline: titles.filter((title) => comments.some((comment) => comment.body.includes(title))),
    body: titles.filter((title) => body.includes(title)),
  }))
}

test('the comment whose line is not in the diff any more goes into the body, the other stays at its line', async () => {
  const { github, post } = createScene()
  github.patch = patches.earlyOnly

  const outcome = await post()

  expect(outcome).toEqual({ kind: 'published', delivery: 'review', githubReviewId: 1 })
  expect(saidOn(github)).toEqual([{ inline: [titles[0]], body: [titles[1]] }])
  expect(github.drafts).toEqual([])
})

test('when GitHub refuses lines that are proved, all comments go into the body, without waiting', async () => {
  const { clock, github, post } = createScene()
  github.next('create', lineRefused)
  github.next('create', lineRefused)

  await post()

  expect(saidOn(github)).toEqual([{ inline: [], body: titles }])
  expect(github.drafts).toEqual([])
  expect(clock.monotonicMs()).toBe(0)
})

test('without patches that prove a place, all comments go into the body at once', async () => {
  const { github, post } = createScene()
  github.patch = 'not a patch'

  await post()

  expect(saidOn(github)).toEqual([{ inline: [], body: titles }])
})

test('a review that is refused even without inline comments is not tried again', async () => {
  const { github, post } = createScene()
  github.always('create', lineRefused)

  const refused = post()

  await expect(refused).rejects.toThrow(PermanentError)
  expect(github.submitted).toEqual([])
  expect(github.drafts).toEqual([])
})

test('what was moved into the body is frozen: the next owner posts the same bytes', async () => {
  const { clock, github, post, row } = createScene()
  github.patch = patches.earlyOnly
  github.next('submit', {
    before: () => {
      row.epoch = 2
      throw new Error('killed')
    },
  })
  await expect(post()).rejects.toThrow('killed')
  const [draft] = github.drafts
  clock.pass(60_000)

  await post(composed(), { epoch: 2 })

  expect(github.submitted).toEqual([{ ...draft, state: 'submitted' }])
  expect(saidOn(github)).toEqual([{ inline: [titles[0]], body: [titles[1]] }])
})

test('whoever lost the lease while a place was proved leaves the frozen bytes alone', async () => {
  const { github, post, row } = createScene()
  github.next('create', lineRefused)
  github.next('look', { before: () => (row.epoch = 2) })

  const lost = post()

  await expect(lost).rejects.toThrow(LostLeaseError)
  expect(row.frozen).toEqual(composed())
  expect(github.drafts).toEqual([])
})

test('a draft with the refused bytes is not adopted once others are frozen', async () => {
  const { github, post, row } = createScene()
  row.frozen = withoutComments(composed())
  github.put('pending', composed())

  await post()

  expect(saidOn(github)).toEqual([{ inline: [], body: titles }])
  expect(github.drafts).toEqual([])
})
