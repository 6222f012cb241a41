// The rules of GitHub's reviews, as our own client meets them at the stand-in.
import { describe, expect, test } from 'vitest'
import { changeLine, refusalOf, setUp } from './stand-in.ts'

const comment = { path: 'src/a.ts', line: 2, side: 'RIGHT', body: 'Look.' }

describe('a review is refused as a whole', () => {
  test.each([
    ['a line outside of the patch', { line: 9 }, /line must be part of the diff/],
    ['a line of the other side', { line: 9, side: 'LEFT' }, /line must be part of the diff/],
    ['a file that is not changed', { path: 'README.md' }, /path is invalid/],
    ['a range that starts outside of the patch', { start_line: 8, line: 2 }, /same hunk/],
    ['a range that ends before it starts', { start_line: 3, line: 2 }, /start line must precede/],
    ['a comment without text', { body: ' ' }, /can't be blank/],
  ])('for %s', async (_, wrong, reason) => {
    const { at, github, octokit, pull } = await setUp()
    const comments = [comment, { ...comment, ...wrong }]

    const refusal = await refusalOf(octokit.rest.pulls.createReview({ ...at, body: 'Two.', comments }))

    expect(refusal).toMatchObject({ status: 422, message: expect.stringMatching(reason) })
    expect(github.draftsOf(pull)).toEqual([])
    expect(github.violations).toEqual([])
  })

  test('for a commit that is not part of the pull request any more', async () => {
    const { at, octokit, pull } = await setUp()
    const former = pull.headSha
    await pull.forcePush({ 'src/a.ts': changeLine(3) })

    const refusal = await refusalOf(octokit.rest.pulls.createReview({ ...at, commit_id: former, body: 'Late.' }))

    expect(refusal).toMatchObject({ status: 422, message: expect.stringContaining('not part of the pull request') })
  })

  test('for a body of more than 65,536 characters', async () => {
    const { at, octokit } = await setUp()

    const refusal = await refusalOf(octokit.rest.pulls.createReview({ ...at, body: 'x'.repeat(65_537) }))

    expect(refusal).toMatchObject({ status: 422, message: expect.stringContaining('too long') })
  })

  test('for a second draft, and also for a direct review while there is a draft', async () => {
    const { at, octokit } = await setUp()
    await octokit.rest.pulls.createReview({ ...at, body: 'One.' })

    const draft = await refusalOf(octokit.rest.pulls.createReview({ ...at, body: 'Two.' }))
    const direct = await refusalOf(octokit.rest.pulls.createReview({ ...at, body: 'Three.', event: 'COMMENT' }))

    const expected = { status: 422, message: expect.stringContaining('one pending review per pull request') }
    expect([draft, direct]).toEqual([expected, expected])
  })

  test('even when two drafts come at the same moment', async () => {
    const { at, github, octokit, pull } = await setUp()

    const tries = ['One.', 'Two.'].map((body) => octokit.rest.pulls.createReview({ ...at, body }))
    const went = await Promise.allSettled(tries)

    expect(went.map((one) => one.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(github.draftsOf(pull)).toHaveLength(1)
  })

  test('for a locked conversation and an archived repository', async () => {
    const { at, octokit, pull, repository } = await setUp()
    pull.change({ locked: true })

    const locked = await refusalOf(octokit.rest.pulls.createReview({ ...at, body: 'One.' }))
    repository.archived = true
    const archived = await refusalOf(octokit.rest.pulls.createReview({ ...at, body: 'One.' }))

    expect(locked).toMatchObject({ status: 422, message: expect.stringContaining('lock prevents review') })
    expect(archived).toMatchObject({ status: 403, message: expect.stringContaining('archived') })
  })

  test("for an approval of one's own pull request", async () => {
    const { at, octokit } = await setUp({ author: 'plumbline[bot]' })

    const refusal = await refusalOf(octokit.rest.pulls.createReview({ ...at, event: 'APPROVE' }))

    expect(refusal).toMatchObject({ status: 422, message: expect.stringContaining('your own pull request') })
  })
})

describe('a submitted review', () => {
  test('can be neither submitted again nor deleted', async () => {
    const { at, octokit } = await setUp()
    const { data } = await octokit.rest.pulls.createReview({ ...at, body: 'Done.', event: 'COMMENT' })
    const target = { ...at, review_id: data.id }

    const again = await refusalOf(octokit.rest.pulls.submitReview({ ...target, event: 'COMMENT' }))
    const deleted = await refusalOf(octokit.rest.pulls.deletePendingReview(target))

    expect([again.status, deleted.status]).toEqual([422, 422])
  })

  test('stays on its commit when the head moves on', async () => {
    const { at, github, octokit, pull } = await setUp()
    const reviewed = pull.headSha
    await octokit.rest.pulls.createReview({ ...at, comments: [comment], event: 'COMMENT' })

    await pull.push({ 'src/a.ts': changeLine(5) })

    expect(pull.headSha).not.toBe(reviewed)
    expect(github.reviewsOf(pull)).toMatchObject([{ commitSha: reviewed, comments: [{ line: 2, body: 'Look.' }] }])
  })
})

describe('a draft', () => {
  test('is seen by its author only, until it is submitted', async () => {
    const { at, github, octokit, pull } = await setUp()
    const { data } = await octokit.rest.pulls.createReview({ ...at, body: 'Two.', comments: [comment] })
    const address = `${github.url}/repos/${at.owner}/${at.repo}/pulls/${at.pull_number}/reviews`
    const asPerson = { headers: { authorization: `token ${github.world.createToken('Codertocat')}` } }

    const before: unknown = await (await fetch(address, asPerson)).json()
    const hidden = await fetch(`${address}/${data.id}`, asPerson)
    await octokit.rest.pulls.submitReview({ ...at, review_id: data.id, event: 'COMMENT' })
    const after: unknown = await (await fetch(address, asPerson)).json()

    expect(before).toEqual([])
    expect(hidden.status).toBe(404)
    expect(after).toMatchObject([{ id: data.id, state: 'COMMENTED', body: 'Two.' }])
    expect(github.reviewsOf(pull)).toMatchObject([
      { author: 'plumbline[bot]', event: 'COMMENT', comments: [{ line: 2 }] },
    ])
  })

  test('can be deleted, and then there is room for another', async () => {
    const { at, github, octokit, pull } = await setUp()
    const { data } = await octokit.rest.pulls.createReview({ ...at, body: 'One.' })

    await octokit.rest.pulls.deletePendingReview({ ...at, review_id: data.id })
    await octokit.rest.pulls.createReview({ ...at, body: 'Two.' })

    expect(github.draftsOf(pull)).toMatchObject([{ body: 'Two.' }])
  })

  test('holds removed lines and ranges, and answers them', async () => {
    const { at, octokit } = await setUp()
    const comments = [
      { path: 'src/a.ts', line: 2, side: 'LEFT', body: 'It was better.' },
      { path: 'src/a.ts', start_line: 1, line: 3, side: 'RIGHT', body: 'All of it.' },
    ]
    const { data } = await octokit.rest.pulls.createReview({ ...at, comments })

    const listed = await octokit.rest.pulls.listCommentsForReview({ ...at, review_id: data.id })

    expect(listed.data).toMatchObject([
      { line: 2, side: 'LEFT', body: 'It was better.' },
      { start_line: 1, line: 3, side: 'RIGHT', body: 'All of it.' },
    ])
  })
})
