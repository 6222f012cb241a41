import { expect, test } from 'vitest'
import { placeholderFor, placeholdersIn } from '../../../src/review/markdown/placeholder.ts'

test.each([
  ['a'.repeat(20), 'GitHub token', '█GitHub token███████'],
  ['a'.repeat(14), 'GitHub token', '█GitHub token█'],
  ['a'.repeat(13), 'GitHub token', '█secret██████'],
  ['a'.repeat(7), 'GitHub token', '███████'],
  [`${'a'.repeat(14)}\r\nbb\n\n${'c'.repeat(14)}`, 'private key', `█private key██\r\n██\n\n${'█'.repeat(14)}`],
])('stands for %j', (secret, kind, placeholder) => {
  const written = placeholderFor(secret, kind)

  expect(written).toBe(placeholder)
})

test('is found again by its kind, and bars of progress are not', () => {
  const text = `a ${placeholderFor('x'.repeat(30), 'AWS key')}, ${placeholderFor('x'.repeat(9), 'AWS key')}, ████░░ █ 60 %█`

  const kinds = placeholdersIn(text)

  expect(kinds).toEqual(['AWS key', 'AWS key'])
})
