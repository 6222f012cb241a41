import { expect, test } from 'vitest'
import { silencedLint } from '../../tools/silenced-lint.ts'

test('a comment that silences the lint or the compiler is found, with its line', () => {
  const text =
    'const a = 1\n// oxlint-disable-next-line no-console\nconsole.log(a)\n// @ts-expect-error\nconst b: string = a\n'

  const mistakes = silencedLint([{ path: 'review/a.ts', text }])

  expect(mistakes).toEqual([
    expect.stringMatching(/^src\/review\/a\.ts:2: oxlint-disable/),
    expect.stringMatching(/^src\/review\/a\.ts:4: @ts-expect-error/),
  ])
})
