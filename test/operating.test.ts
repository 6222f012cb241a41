// What operators are told is whole: a new metric or log line needs a line in docs/operating.md.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readSourceFiles } from '../tools/source-files.ts'

const page = readFileSync(new URL('../docs/operating.md', import.meta.url), 'utf8')
const sources = readSourceFiles().map((file) => file.text)

function found(pattern: RegExp): string[] {
  return [...new Set(sources.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')))]
}

test('every metric is explained', () => {
  const names = found(/'(plumbline_[a-z_]+)'/g).filter((name) => name !== 'plumbline_session')

  expect(names.length).toBeGreaterThan(15)
  expect(names.filter((name) => !page.includes(`\`${name}\``) && !page.includes(`\`${name}{`))).toEqual([])
})

test('every log line is explained', () => {
  const texts = found(/(?:log\??\.(?:info|warn|error|fatal)|#stumble)\((?:[^()']|\([^()]*\))*'([^']+)'/gi)

  expect(texts.length).toBeGreaterThan(30)
  expect(texts.filter((text) => !page.includes(`\`${text}\``))).toEqual([])
})

test('no log line is explained that is never written', () => {
  const table = page.slice(page.indexOf('## Log lines'), page.indexOf('## When stuck'))
  const explained = [...table.matchAll(/^\| (`.+?`) \|/gm)].flatMap((row) => (row[1] ?? '').split(', '))

  expect(explained.length).toBeGreaterThan(25)
  expect(explained.filter((text) => !sources.some((source) => source.includes(text.slice(1, -1))))).toEqual([])
})
