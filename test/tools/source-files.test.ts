import { expect, test } from 'vitest'
import { codeLines, withoutComments } from '../../tools/source-files.ts'

test('comments and blank lines do not count as code', () => {
  const text = '// why\n\n/**\n * What.\n */\nconst a = "https://example.com" // not this\n'

  expect(codeLines({ path: 'review/a.ts', text })).toBe(1)
})

test('what looks like a comment inside a string, a template or a regular expression is code', () => {
  const text = [
    "const a = 'http://x'",
    'const b = `/* ${c} */`',
    'const d = /\\/\\/[/*]/.test(e)',
    'const f = g / h / i',
  ]

  const left = withoutComments(text.map((line) => `${line} // gone's`).join('\n'))

  expect(left.split('\n').map((line) => line.trimEnd())).toEqual(text)
})

test('a comment over several lines leaves its lines behind, so that line numbers stay', () => {
  const left = withoutComments("one /* a\n'b\n*/ two")

  expect(left).toBe('one \n\n two')
})
