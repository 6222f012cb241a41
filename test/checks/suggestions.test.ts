import { expect, test } from 'vitest'
import { keepParsing } from '../../src/checks/suggestions.ts'
import type { PlacedFinding } from '../../src/review/finding.ts'
import { findingOn } from '../review/patches.ts'

const patient = new AbortController().signal
const file = 'function area(a, b) {\n  const height = a\n  return height * b\n}\n'

/** A suggestion for the second line. */
function suggested(suggestion: string, path = 'src/area.js'): PlacedFinding {
  const placement = { kind: 'inline', anchor: { path, line: 2, side: 'RIGHT' }, suggestionFits: true } as const
  return { ...findingOn(2, { path, suggestion }), placement }
}

async function tried(findings: PlacedFinding[], texts: Record<string, string | undefined> = { 'src/area.js': file }) {
  const read: string[] = []
  const readHead = async (path: string): Promise<string | undefined> => {
    read.push(path)
    return texts[path]
  }
  const kept = await keepParsing(findings, readHead, patient)
  const clicks = kept.map(({ placement }) => placement.kind === 'inline' && placement.suggestionFits === true)
  return { kept, clicks, read }
}

const broken = '  const height = (a'
const good = '  const height = a + 1'

test('one after which the file does not parse loses its click, and stays to be read', async () => {
  const { clicks, kept } = await tried([suggested(broken)])

  expect(clicks).toEqual([false])
  expect(kept).toMatchObject([{ suggestion: broken, placement: { kind: 'inline', anchor: { line: 2 } } }])
})

test('one that cannot be tried, because the file cannot be read, loses its click', async () => {
  const { clicks } = await tried([suggested(good)], { 'src/area.js': undefined })

  expect(clicks).toEqual([false])
})

test('one after which the file parses keeps its click', async () => {
  const finding = suggested(good)

  const { kept } = await tried([finding])

  expect(kept).toEqual([finding])
})

test('two of one file are tried one by one: the broken one does not cost the other its click', async () => {
  const { clicks } = await tried([suggested(broken), suggested(good)])

  expect(clicks).toEqual([false, true])
})

test('a file that does not parse anyway does not cost a click', async () => {
  const { clicks } = await tried([suggested(good)], { 'src/area.js': `${file}const = =\n` })

  expect(clicks).toEqual([true])
})

test('no file is read for what is not offered for a click, or has no grammar', async () => {
  const inBody: PlacedFinding = { ...suggested(broken), placement: { kind: 'body', reason: 'x' } }
  const findings = [inBody, suggested('broken (', 'docs/area.txt')]

  const { kept, read } = await tried(findings)

  expect(kept).toEqual(findings)
  expect(read).toEqual([])
})

test('all come back in their order', async () => {
  const findings = [suggested(good), { ...findingOn(3), placement: { kind: 'listed' } as const }, suggested(broken)]

  const { kept } = await tried(findings)

  expect(kept.map(({ line, suggestion }) => [line, suggestion])).toEqual([
    [2, good],
    [3, undefined],
    [2, broken],
  ])
})
