import { describe, expect, it } from 'vitest'
import { choosePublishable } from '../../src/review/choose.ts'
import type { PlacedFinding } from '../../src/review/finding.ts'
import { coverageOf, verdictOf } from '../../src/review/verdict.ts'
import { findingOn } from './patches.ts'

function placedOn(line: number, finding: Partial<PlacedFinding> = {}): PlacedFinding {
  const path = finding.path ?? 'src/area.ts'
  const side = finding.side ?? 'RIGHT'
  return { ...findingOn(line), placement: { kind: 'inline', anchor: { path, line, side } }, ...finding }
}

const titles = (findings: readonly PlacedFinding[]): string[] => findings.map(({ title }) => title)

describe('of findings that say the same', () => {
  it('the more severe one stays', () => {
    const twice = [
      placedOn(5, { title: 'The height is not used anywhere' }),
      placedOn(4, { title: 'Height is not used', severity: 'high' }),
    ]

    expect(titles(choosePublishable(twice))).toEqual(['Height is not used'])
  })

  it('one stays, in the diff or in the body', () => {
    const placement: PlacedFinding['placement'] = { kind: 'body', reason: 'x' }
    const many = Array.from({ length: 300 }, () => placedOn(5))

    expect(choosePublishable(many)).toHaveLength(1)
    expect(choosePublishable(many.map((one) => ({ ...one, placement })))).toHaveLength(1)
  })

  it('one stays when the other names a range around it', () => {
    const range: PlacedFinding['placement'] = {
      kind: 'inline',
      anchor: { path: 'src/area.ts', line: 40, startLine: 10, side: 'RIGHT' },
    }

    expect(choosePublishable([placedOn(20), placedOn(40, { placement: range })])).toHaveLength(1)
  })

  it('both stay in two places, two files, or on two sides', () => {
    const apart = [placedOn(5), placedOn(50), placedOn(5, { path: 'src/b.ts' }), placedOn(5, { side: 'LEFT' })]

    expect(choosePublishable(apart)).toHaveLength(4)
  })
})

it('two different problems of one line both stay', () => {
  const two = [
    placedOn(5, { title: 'The height is never used' }),
    placedOn(5, { title: 'SQL is built from user input' }),
  ]

  expect(choosePublishable(two)).toHaveLength(2)
})

it('the most severe come first, in their order', () => {
  const severities = ['low', 'critical', 'medium', 'high', 'critical'] as const
  const mixed = severities.map((severity, index) => placedOn(index * 10, { severity, title: `${severity} ${index}` }))

  const chosen = titles(choosePublishable(mixed))

  expect(chosen).toEqual(['critical 1', 'critical 4', 'high 3', 'medium 2', 'low 0'])
})

it('what is over the cap of comments goes to the body, the least severe first', () => {
  const many = Array.from({ length: 5 }, (_, index) =>
    placedOn(index * 10, { title: `number ${index}`, severity: index === 4 ? 'high' : 'low' }),
  )

  const chosen = choosePublishable(many, { maxComments: 2 })

  expect(chosen.map(({ placement }) => placement.kind)).toEqual(['inline', 'inline', 'body', 'body', 'body'])
  expect(titles(chosen).slice(0, 2)).toEqual(['number 4', 'number 0'])
  expect(chosen[2]?.placement).toEqual({
    kind: 'body',
    reason: 'Only the 2 most severe findings stand in the diff.',
  })
})

describe('the verdict', () => {
  it.each([
    ['clean', []],
    ['comments', ['low', 'medium']],
    ['blocking', ['low', 'high']],
    ['blocking', ['critical']],
  ] as const)('is %s for %j', (verdict, severities) => {
    expect(verdictOf(severities.map((severity) => ({ severity })))).toBe(verdict)
  })
})

describe('the coverage', () => {
  const noise = { kind: 'noise', path: 'yarn.lock', reason: 'lock file' } as const
  const unread = { kind: 'unread', path: 'big.ts', reason: 'too large' } as const

  it('is none when no file was read, whatever the reason', () => {
    expect([coverageOf(0, []), coverageOf(0, [noise]), coverageOf(0, [unread])]).toEqual(['none', 'none', 'none'])
  })

  it('is partial when a file was not read that should have been', () => {
    expect(coverageOf(3, [noise, unread])).toBe('partial')
  })

  it('is full when only noise was left out', () => {
    expect(coverageOf(3, [noise])).toBe('full')
  })
})
