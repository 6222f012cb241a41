import { expect, test } from 'vitest'
import { figuresOf } from '../../src/eval/figures.ts'
import { noUsage } from '../../src/eval/result.ts'
import { commentAt, problemAt, resultOf } from './results.ts'

const found = { foundBy: 0, lost: null }
const missed = { foundBy: null, lost: null }

test('of no results every figure is zero', () => {
  expect(figuresOf([])).toMatchObject({ cases: 0, problems: 0, comments: 0, medianMs: 0, costUsd: 0 })
})

test('a root cause is found when one of its problems is, and causes of two cases are two', () => {
  const first = problemAt(1, { rootCause: 'key' })
  const second = problemAt(2, { rootCause: 'key' })
  const third = problemAt(3, { rootCause: 'unit' })

  const figures = figuresOf([
    resultOf('a', {
      problems: [
        { ...first, ...found },
        { ...second, ...missed },
        { ...third, ...missed },
      ],
    }),
    resultOf('b', { problems: [{ ...first, ...missed }] }),
  ])

  expect(figures).toMatchObject({ problems: 4, found: 1, rootCauses: 3, rootCausesFound: 1 })
})

test('the problems of a case that failed count as not found, and its silence is no clean change', () => {
  const failed = { status: 'failed', reason: 'away' } as const

  const figures = figuresOf([
    resultOf('a', { ...failed, problems: [{ ...problemAt(1), ...missed }] }),
    resultOf('b', failed),
    resultOf('c', { comments: [commentAt(1), commentAt(2, { place: 'held-back' })] }),
  ])

  expect(figures).toMatchObject({ notReviewed: 2, problems: 1, found: 0, cleanCases: 1, cleanComments: 1 })
})

test('comments are what is in the diff and in the body; what is listed or held back is counted apart', () => {
  const places = ['inline', 'inline', 'body', 'listed', 'held-back'] as const
  const comments = places.map((place, index) => commentAt(index + 1, { place }))

  const figures = figuresOf([resultOf('a', { problems: [{ ...problemAt(1), ...found }], comments })])

  expect(figures).toMatchObject({ comments: 3, inline: 2, hits: 1, listed: 1, heldBack: 1 })
})

test('costs are known only when all of them are', () => {
  const usage = { tokens: { input: 10, output: 2, cached: 5 }, costUsd: 0.5, ms: 3000, requests: 2 }

  const known = figuresOf([resultOf('a', { usage }), resultOf('b', { usage: { ...usage, ms: 1000 } }), resultOf('c')])
  const unknown = figuresOf([resultOf('a', { usage }), resultOf('b', { usage: { ...noUsage, costUsd: null } })])

  expect(known).toMatchObject({ costUsd: 1, requests: 4, tokens: { input: 20, output: 4, cached: 10 }, medianMs: 1000 })
  expect(unknown.costUsd).toBeNull()
})
