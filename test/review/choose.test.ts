import { describe, expect, it } from 'vitest'
import { choosePublishable, type Said, withoutRepeats } from '../../src/review/choose.ts'
import type { PlacedFinding } from '../../src/review/finding.ts'
import { coverageOf, verdictOf } from '../../src/review/verdict.ts'
import { findingOn } from './patches.ts'
import { otherCause, sameCause } from './worded-pairs.ts'

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

  it('what a check found stays, though a model says it is worse', () => {
    const twice = [
      placedOn(5, { severity: 'critical' }),
      placedOn(5, { severity: 'low', reviewer: 'checks:leftovers' }),
    ]

    expect(withoutRepeats(twice)).toMatchObject([{ reviewer: 'checks:leftovers' }])
  })

  it('one stays when both are mended by the same lines', () => {
    const suggestion = 'const height = 9'
    const twice = [
      placedOn(5, { suggestion, title: 'Five is too small' }),
      placedOn(5, { suggestion: `${suggestion}\n`, title: 'Wrong constant' }),
    ]

    const kept = withoutRepeats(twice)
    expect(titles(kept)).toEqual(['Five is too small'])
    expect(kept[0]?.body).toContain('The same change mends this too: Wrong constant')
  })

  it('one stays though they are worded differently, in most cases', () => {
    const kept = sameCause.map(({ quote, titles: both }) =>
      withoutRepeats(both.map((title) => placedOn(5, { quote, title }))),
    )

    expect(kept.filter(({ length }) => length === 1).length).toBeGreaterThanOrEqual(24)
  })

  it('both stay in two places, two files, or on two sides', () => {
    const apart = [placedOn(5), placedOn(50), placedOn(5, { path: 'src/b.ts' }), placedOn(5, { side: 'LEFT' })]

    expect(choosePublishable(apart)).toHaveLength(4)
  })
})

it('two different problems of one line both stay, in all cases but one', () => {
  const kept = otherCause.map(({ quote, titles: both }) =>
    withoutRepeats(both.map((title) => placedOn(5, { quote, title }))),
  )

  expect(kept.filter(({ length }) => length === 1).length).toBeLessThanOrEqual(1)
})

it('the most severe come first, in their order', () => {
  const severities = ['low', 'critical', 'medium', 'high', 'critical'] as const
  const mixed = severities.map((severity, index) => placedOn(index * 10, { severity, title: `${severity} ${index}` }))

  const chosen = titles(choosePublishable(mixed))

  expect(chosen).toEqual(['critical 1', 'critical 4', 'high 3', 'medium 2', 'low 0'])
})

describe('past the cap on comments', () => {
  const many = Array.from({ length: 14 }, (_, index) =>
    placedOn(index * 10 + 10, { title: `number ${index}`, severity: index === 13 ? 'high' : 'medium' }),
  )

  it('findings are listed, the least severe ones', () => {
    const chosen = choosePublishable(many, { maxComments: 2 })

    expect(titles(chosen).slice(0, 2)).toEqual(['number 13', 'number 0'])
    expect(chosen.map(({ placement }) => placement.kind)).toEqual([
      'inline',
      'inline',
      ...many.slice(2).map(() => 'listed'),
    ])
  })

  it('the cap is ten unless told', () => {
    const kinds = choosePublishable(many).map(({ placement }) => placement.kind)

    expect(kinds).toEqual([...many.slice(0, 10).map(() => 'inline'), ...many.slice(10).map(() => 'listed')])
  })

  it('those in the body count too', () => {
    const placement: PlacedFinding['placement'] = { kind: 'body', reason: 'x' }

    const chosen = choosePublishable([placedOn(5, { placement }), placedOn(50)], { maxComments: 1 })

    expect(chosen.map((one) => one.placement.kind)).toEqual(['body', 'listed'])
  })

  it('a listed finding keeps the place that was proved', () => {
    const anchor = { path: 'src/area.ts', line: 43, startLine: 41, side: 'LEFT' } as const

    const chosen = choosePublishable([placedOn(9), placedOn(40, { placement: { kind: 'inline', anchor } })], {
      maxComments: 1,
    })

    expect(chosen[1]).toMatchObject({ line: 43, startLine: 41, side: 'LEFT', placement: { kind: 'listed' } })
  })
})

describe('small things', () => {
  const kinds = (findings: PlacedFinding[]): string[] =>
    choosePublishable(findings).map(({ placement, title }) => `${title}: ${placement.kind}`)
  const small = placedOn(50, { title: 'small', severity: 'low' })

  it('are listed where there is something larger to say', () => {
    expect(kinds([small, placedOn(5, { title: 'large' })])).toEqual(['large: inline', 'small: listed'])
  })

  it('call nobody where they are all there is', () => {
    const chosen = choosePublishable([small])

    expect(chosen.map(({ placement }) => placement)).toEqual([
      { kind: 'held-back', reason: expect.stringContaining('nothing larger') },
    ])
    expect(verdictOf(chosen)).toBe('clean')
  })

  it('that a check found are certain, and stay comments', () => {
    expect(kinds([{ ...small, reviewer: 'checks:leftovers' }])).toEqual(['small: inline'])
  })
})

describe('is held back, with the reason', () => {
  const verification = { reason: 'The caller checks it.', evidence: [] }
  const heldBack = (findings: PlacedFinding[], said: Said[] = []): unknown[] =>
    choosePublishable(findings, { said }).map(({ placement }) =>
      placement.kind === 'held-back' ? placement.reason : placement.kind,
    )

  it.each(['refuted', 'none'] as const)('what was verified with the verdict %s', (verdict) => {
    const severity = 'critical'

    expect(heldBack([placedOn(5, { severity, verification: { ...verification, verdict } })])).toEqual([
      'The caller checks it.',
    ])
  })

  it('what came held back', () => {
    expect(heldBack([placedOn(5, { placement: { kind: 'held-back', reason: 'No model.' } })])).toEqual(['No model.'])
  })

  it('what a linter or another bot has said on that line', () => {
    const said = { path: 'src/area.ts', line: 5, author: 'lint[bot]', text: 'height is assigned but never used' }

    expect(heldBack([placedOn(5, { quote: 'const height = 5' })], [said])).toEqual([
      'lint[bot] has said it on this line already.',
    ])
  })

  it.each<[string, Partial<Said>]>([
    ['on another line', { line: 6 }],
    ['in another file', { path: 'src/b.ts' }],
    ['on the other side', { side: 'LEFT' }],
    ['of something else', { text: 'SQL is built from user input' }],
    ['far down in a long text', { text: `${'Look at the style of this. '.repeat(12)}The height is never used.` }],
  ])('but not what was said %s', (_, other) => {
    const said = { path: 'src/area.ts', line: 5, author: 'lint[bot]', text: 'The height is never used', ...other }

    expect(heldBack([placedOn(5)], [said])).toEqual(['inline'])
  })

  it('and does not push out what is published', () => {
    const refuted = placedOn(5, { severity: 'critical', verification: { ...verification, verdict: 'refuted' } })

    expect(heldBack([refuted, placedOn(5)])).toEqual(['inline', 'The caller checks it.'])
  })

  it('but not what was confirmed', () => {
    expect(heldBack([placedOn(5, { verification: { ...verification, verdict: 'confirmed' } })])).toEqual(['inline'])
  })
})

describe('the verdict', () => {
  it.each([
    ['clean', []],
    ['comments', ['low', 'medium']],
    ['blocking', ['low', 'high']],
    ['blocking', ['critical']],
  ] as const)('is %s for %j', (verdict, severities) => {
    const placement = { kind: 'listed' } as const

    expect(verdictOf(severities.map((severity) => ({ severity, placement })))).toBe(verdict)
  })

  it('does not count what is held back', () => {
    const placement = { kind: 'held-back', reason: 'Refuted.' } as const

    expect(verdictOf([{ severity: 'critical', placement }])).toBe('clean')
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
