import { describe, expect, it } from 'vitest'
import type { PlacedFinding } from '../../../src/review/finding.ts'
import { applySuggestion, withoutClick } from '../../../src/review/patches/suggestion.ts'
import { findingOn } from '../patches.ts'

const anchor = { path: 'a.ts', side: 'RIGHT' } as const

describe('an applied suggestion', () => {
  it.each<[string, number, number, string, string]>([
    ['one line by two', 2, 2, 'x\ny\n', 'a\nx\ny\nc\n'],
    ['two lines by one', 1, 2, 'x', 'x\nc\n'],
    ['a line by nothing', 2, 2, '', 'a\nc\n'],
    ['the last line', 3, 3, 'x', 'a\nb\nx\n'],
  ])('replaces %s', (_, startLine, line, suggestion, text) => {
    expect(applySuggestion('a\nb\nc\n', { ...anchor, startLine, line }, suggestion)).toBe(text)
  })

  it('has the line breaks of the file', () => {
    expect(applySuggestion('a\r\nb\r\n', { ...anchor, line: 1 }, 'x\ny')).toBe('x\r\ny\r\nb\r\n')
  })
})

it('a suggestion that breaks the file is shown as code', () => {
  const placement: PlacedFinding['placement'] = {
    kind: 'inline',
    anchor: { ...anchor, line: 3 },
    suggestionFits: true,
  }

  const placed = withoutClick({ ...findingOn(3, { suggestion: '}' }), placement })

  expect(placed).toMatchObject({ suggestion: '}', placement: { kind: 'inline', anchor: { line: 3 } } })
  expect(placed.placement).not.toHaveProperty('suggestionFits')
})

it('a finding in the body stays as it is', () => {
  const placed: PlacedFinding = { ...findingOn(3), placement: { kind: 'body', reason: 'x' } }

  expect(withoutClick(placed)).toBe(placed)
})
