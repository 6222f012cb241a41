// What counts as opened: a range that says where to look, and that was looked at.
import { expect, test } from 'vitest'
import { createOpened } from '../../../src/agent/tools/opened.ts'

const opened = createOpened([
  { path: 'a.ts', first: 1, last: 60 },
  // Overlaps: no line counts twice.
  { path: 'a.ts', first: 51, last: 60 },
  { path: 'a.ts', first: 200, last: 400 },
])

test.each([
  ['of which nothing was shown', 61, 70],
  ['of which one line was shown', 60, 100],
  ['of which less than half was shown, in overlapping pieces', 51, 71],
  ['of more than 100 lines, though all were shown', 200, 300],
  ['of 100,000 lines', 1, 100_000],
  ['of more lines than an array has', 1, Number.MAX_SAFE_INTEGER],
])('a range %s is not opened', (_, first, last) => {
  expect(opened.covers({ path: 'a.ts', first, last })).toBe(false)
})

test.each([
  ['of one line', 7, 7],
  ['of which half was shown', 51, 70],
  ['of 100 lines', 200, 299],
])('a range %s is', (_, first, last) => {
  expect(opened.covers({ path: 'a.ts', first, last })).toBe(true)
})

test('lines of another file prove nothing', () => {
  expect(opened.covers({ path: 'b.ts', first: 7, last: 7 })).toBe(false)
})
