import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { costOf, readPrice } from '../../src/agent/prices.ts'

const folder = mkdtempSync(join(tmpdir(), 'plumbline-prices-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(text: string): string {
  const file = join(folder, 'prices.json')
  writeFileSync(file, text)
  return file
}

test('a file that is not there, no JSON, or holds something else is refused with what is wrong', () => {
  const misspelt = fileOf('{"m": {"input": 1, "ouput": 2}}')

  expect(() => readPrice(misspelt, 'm')).toThrow(/^m/)
  expect(() => readPrice(fileOf('{"m": {"input": -1, "output": 2}}'), 'm')).toThrow('m → input')
  expect(() => readPrice(fileOf('[1'), 'm')).toThrow(/JSON/)
  expect(() => readPrice(join(folder, 'none.json'), 'm')).toThrow(/ENOENT/)
})

test('a model that is not in the file has no price', () => {
  const price = readPrice(fileOf('{"m": {"input": 1, "output": 2}}'), 'another')

  expect(price).toBeUndefined()
})

test('cached tokens cost their own price, and as much as the others where none is given', () => {
  const tokens = { input: 1_000_000, cached: 400_000, output: 100_000 }

  const costs = [costOf(tokens, { input: 2, cached: 1, output: 10 }), costOf(tokens, { input: 2, output: 10 })]

  expect(costs).toEqual([1.2 + 0.4 + 1, 3])
})
