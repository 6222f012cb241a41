import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { functionMistakes } from '../../tools/function-sizes.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plumbline-test-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

/** A function of so many lines, its first and last included. */
const functionOf = (lines: number): string =>
  `export function long(): void {\n${'  run()\n'.repeat(lines - 2)}}\ndeclare function run(): void\n`

test('a function of 41 lines rings, one of 40 does not', () => {
  writeFileSync(join(dir, 'long.ts'), functionOf(41))
  writeFileSync(join(dir, 'fits.ts'), functionOf(40))

  const mistakes = functionMistakes([dir])

  expect(mistakes).toContain('long.ts')
  expect(mistakes).not.toContain('fits.ts')
})

test('a fourth parameter rings', () => {
  writeFileSync(join(dir, 'many.ts'), 'export function many(a: number, b: number, c: number, d: number): void {}\n')

  expect(functionMistakes([dir])).toContain('max-params')
})

test('an exception holds for its file and no other', () => {
  writeFileSync(join(dir, 'long.ts'), functionOf(41))
  writeFileSync(join(dir, 'other.ts'), functionOf(41))

  const mistakes = functionMistakes([dir], { 'functionLines long.ts': 41 })

  expect(mistakes).toContain('other.ts')
  expect(mistakes).not.toContain('long.ts')
})
