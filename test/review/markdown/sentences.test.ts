import { expect, it } from 'vitest'
import { firstSentences } from '../../../src/review/markdown/sentences.ts'

it.each([
  ['One. Two! Three? Four.', 'One. Two! Three?'],
  ['One. Two.', 'One. Two.'],
  ['  One.  ', 'One.'],
  ['', ''],
  [
    'Adds `a.b()` in v1.2.3, e.g. for d. Then e.\n\n- one\n- two',
    'Adds `a.b()` in v1.2.3, e.g. for d. Then e.\n\n- one',
  ],
  ['no end at all', 'no end at all'],
])('the first three sentences of %j', (text, first) => {
  expect(firstSentences(text, 3)).toBe(first)
})

it('takes no long time for a long text', () => {
  const before = performance.now()

  firstSentences('Word. '.repeat(2_000_000), 3)
  firstSentences('word '.repeat(2_000_000), 3)

  expect(performance.now() - before).toBeLessThan(3_000)
})
