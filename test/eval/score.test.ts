import { expect, test } from 'vitest'
import { scoreByJudge, scoreByPlace } from '../../src/eval/score.ts'
import { commentAt, problemAt } from './results.ts'

test.each([
  ['on another path', commentAt(10, { path: 'b.py' })],
  ['four lines before', commentAt(6)],
  ['four lines behind', commentAt(15, { startLine: 14 })],
])('a comment %s does not name the problem', (_, comment) => {
  const [judged] = scoreByPlace([problemAt(10)], [comment])

  expect(judged).toMatchObject({ foundBy: null, lost: null })
})

test.each([
  ['three lines before', commentAt(7)],
  ['three lines behind', commentAt(20, { startLine: 13 })],
  ['around it', commentAt(30, { startLine: 1 })],
])('a comment %s names the problem', (_, comment) => {
  const [judged] = scoreByPlace([problemAt(10)], [comment])

  expect(judged?.foundBy).toBe(0)
})

test('where words are given, one of them must occur, whatever the letter case, and nothing in them is a pattern', () => {
  const problems = [problemAt(10, { words: ['off-by-one', 'LAST PAGE'] }), problemAt(10, { words: ['last.page'] })]

  const [first, second] = scoreByPlace(problems, [commentAt(10)])

  expect(first?.foundBy).toBe(0)
  expect(second?.foundBy).toBeNull()
})

test('of several comments the nearest one has found it', () => {
  const [judged] = scoreByPlace([problemAt(10)], [commentAt(8), commentAt(11)])

  expect(judged?.foundBy).toBe(1)
})

test('a problem that was found but not published is missed, and where it was lost is told', () => {
  const heldBack = commentAt(10, { place: 'held-back', reason: 'refuted: the caller adds one' })
  const listed = commentAt(20, { place: 'listed' })

  const [first, second] = scoreByPlace([problemAt(10), problemAt(20)], [heldBack, listed])

  expect(first).toMatchObject({ foundBy: null, lost: 'held back: refuted: the caller adds one' })
  expect(second).toMatchObject({ foundBy: null, lost: 'only listed: small, or past the cap on comments' })
})

test('a judge decides whatever the lines are, but not for what was not published', () => {
  const comments = [commentAt(90), commentAt(10, { place: 'held-back', reason: 'no verdict' })]

  const judged = scoreByJudge([problemAt(10), problemAt(10), problemAt(10)], comments, [0, 1, undefined])

  expect(judged.map(({ foundBy }) => foundBy)).toEqual([0, null, null])
  expect(judged[2]?.lost).toBe('held back: no verdict')
})
