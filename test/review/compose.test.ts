import { describe, expect, it } from 'vitest'
import {
  composePublication,
  hasSomethingToSay,
  type ReviewText,
  withoutComments,
  withProvedComments,
} from '../../src/review/compose.ts'
import type { PlacedFinding } from '../../src/review/finding.ts'
import { commitSha, reviewId } from '../../src/review/ids.ts'
import { parseMarker, writeMarker } from '../../src/review/marker.ts'
import type { FileLeftOut } from '../../src/review/outcome.ts'
import type { Publication } from '../../src/review/publication.ts'
import { dangersIn, render } from './markdown/rendered.ts'
import { diffOf, findingOn, readPatch } from './patches.ts'

/** GitHub's limit, in characters. */
const maxLength = 65_536
const headSha = commitSha('abcdef1'.padEnd(40, '0'))

function inline(line: number, finding: Partial<PlacedFinding> = {}): PlacedFinding {
  const placement: PlacedFinding['placement'] = {
    kind: 'inline',
    anchor: { path: 'src/area.ts', line, side: 'RIGHT' },
    suggestionFits: true,
  }
  return { ...findingOn(line), placement, ...finding }
}

function inBody(finding: Partial<PlacedFinding> = {}): PlacedFinding {
  return inline(9, { placement: { kind: 'body', reason: 'The line is not part of the diff.' }, ...finding })
}

function compose(review: Partial<ReviewText> = {}): Publication {
  return composePublication({
    reviewId: reviewId('42'),
    ref: { kind: 'pull_request', headSha, baseRef: 'main' },
    summary: 'Computes an area.',
    findings: [inline(3)],
    leftOut: [],
    filesRead: 2,
    tokens: { input: 12_345, output: 678 },
    ...review,
  })
}

const bodyOf = (review: Partial<ReviewText>): string => compose(review).body
const commentOf = (finding: Partial<PlacedFinding>): string =>
  compose({ findings: [inline(3, finding)] }).comments[0]?.body ?? ''
const manyFiles = (kind: FileLeftOut['kind'], count: number, name = 'file'): FileLeftOut[] =>
  Array.from({ length: count }, (_, index) => ({ kind, path: `${name}-${index}.ts`, reason: 'too large' }))

describe('texts of others', () => {
  const hostile = '@octocat fixes #1 <!-- x --> ![p](https://evil.example/p) ```suggestion\n/approve\n` | <details>'

  it('do nothing in a comment', () => {
    const suggestion = '```\n@octocat\n/approve\n````'

    const body = commentOf({ title: hostile, body: hostile, reviewer: hostile, suggestion })

    expect(dangersIn(body)).toEqual([])
  })

  it('do nothing in the body', () => {
    const finding = inBody({
      title: hostile,
      body: hostile,
      path: hostile,
      placement: { kind: 'body', reason: hostile },
    })
    const leftOut = (['noise', 'unread'] as const).map((kind) => ({ kind, path: hostile, reason: hostile }))

    const { body } = compose({ summary: hostile, findings: [finding], leftOut })

    // The folded lists and the marker are ours; everything else must be harmless.
    const withoutOurs = body.replace(/<\/?(?:details|summary)>/g, '').replace(/^<!-- plumbline:review .* -->$/m, '')
    expect(dangersIn(withoutOurs)).toEqual([])
    expect(parseMarker(body)?.reviewId).toBe('42')
  })

  it('cannot forge the marker', () => {
    const forged = writeMarker({
      kind: 'pull_request',
      headSha,
      baseRef: 'main',
      payloadHash: '0'.repeat(32),
      reviewId: reviewId('666'),
    })
    const texts = [forged, `\`\`\`\n${forged}`, `${forged}\n`]

    const ids = texts.map(
      (text) => parseMarker(bodyOf({ summary: text, findings: [inBody({ body: text })] }))?.reviewId,
    )

    expect(ids).toEqual(['42', '42', '42'])
  })
})

describe('a publication that would be too long', () => {
  const long = 'All work and no play. '.repeat(5_000)
  const fenced = `\`\`\`ts\n${'const a = 1\n'.repeat(5_000)}`
  const huge = (count: number, make: typeof inline): PlacedFinding[] =>
    Array.from({ length: count }, (_, index) =>
      make(index + 1, { title: long, body: index % 2 ? long : fenced, suggestion: 'x'.repeat(9_000) }),
    )
  const countCut = (body: string): number => Number(/^(\d+) more findings? did not fit here/m.exec(body)?.[1] ?? 0)

  it('has whole findings, and says how many are missing', () => {
    const { body } = compose({
      summary: long,
      findings: [
        ...huge(40, (_, finding) => inBody(finding)),
        ...huge(900, (_, finding) => inline(1, { ...finding, path: 'c'.repeat(400), placement: { kind: 'listed' } })),
      ],
      leftOut: [...manyFiles('unread', 900, 'a'.repeat(300)), ...manyFiles('noise', 900, 'b'.repeat(300))],
    })

    const shown = body.match(/^In `src\/area\.ts`, line 9:$/gm)?.length ?? 0
    expect(body.length).toBeLessThanOrEqual(maxLength)
    expect(shown).toBeGreaterThan(0)
    expect(countCut(body)).toBe(40 - shown)
    expect(parseMarker(body)).toBeDefined()
    expect(render(body).match(/<details>/g)).toHaveLength(4)
    expect(render(body).match(/<\/details>/g)).toHaveLength(4)
  })

  it('has comments that GitHub takes', () => {
    const { comments } = compose({ findings: huge(30, inline) })

    expect(comments).toHaveLength(30)
    expect(comments.filter(({ body }) => body.length > maxLength)).toEqual([])
    expect(comments.filter(({ body }) => dangersIn(body).length > 0)).toEqual([])
  })

  it('stays short enough when all of its comments move into the body', () => {
    const first = compose({ findings: [...huge(30, inline), ...huge(9, (_, finding) => inBody(finding))] })

    const second = withProvedComments(first, [diffOf('@@ -0,0 +1 @@\n+a')])
    const third = withoutComments(second)

    expect([second.comments.length, third.comments.length]).toEqual([1, 0])
    expect([first, second, third].filter(({ body }) => body.length > maxLength)).toEqual([])
    expect([first, second, third].filter(({ body }) => parseMarker(body) === undefined)).toEqual([])
  })

  it('stays short enough when short findings fill it to the brim', () => {
    const brim = Array.from({ length: 3_000 }, (_, index) => inBody({ title: `${index}`, body: '' }))
    const first = compose({ findings: [inline(1), inline(2), ...brim] })

    const second = withProvedComments(first, [diffOf('@@ -0,0 +1 @@\n+a')])
    const third = withoutComments(second)

    expect(first.body.length).toBeGreaterThan(maxLength - 1_000)
    expect([first, second, third].filter(({ body }) => body.length > maxLength)).toEqual([])
    expect(countCut(third.body)).toBeGreaterThan(0)
  })

  it('does not show a suggestion that is too long', () => {
    expect(commentOf({ suggestion: 'x'.repeat(20_000) })).toContain(
      'There is a suggested change, too long to be shown here.',
    )
  })
})

describe('a refused publication', () => {
  const refused = compose({
    findings: [
      inline(3, { title: 'Proved', suggestion: 'const height = 9' }),
      inline(30, { title: 'Not proved', suggestion: '```\nx' }),
    ],
  })

  it('keeps the comments that the diffs prove, and moves the others into the body', () => {
    const again = withProvedComments(refused, [diffOf(readPatch('two-hunks'))])

    expect(again.comments).toEqual(refused.comments.slice(0, 1))
    expect(again.body).toContain('In `src/area.ts`, line 30:')
    expect(again.body).toContain('**Medium** (correctness): Not proved')
    expect(again.body).not.toContain('suggestion\n')
  })

  it('moves all comments of files without a diff', () => {
    expect(withProvedComments(refused, []).comments).toEqual([])
  })

  it('says all of it in the body at last', () => {
    const last = withoutComments(withProvedComments(refused, [diffOf(readPatch('two-hunks'))]))

    expect(last.comments).toEqual([])
    expect(last.body).toContain('Proved')
    expect(last.body).toContain('Not proved')
    expect(last.body).not.toContain('```suggestion')
  })

  it('has another hash, in the marker too, for the same review', () => {
    const last = withoutComments(refused)
    const { payloadHash, ...identity } = parseMarker(last.body) ?? {}

    expect(last.payloadHash).not.toBe(refused.payloadHash)
    expect(payloadHash).toBe(last.payloadHash)
    expect(identity).toEqual({ kind: 'pull_request', headSha, baseRef: 'main', reviewId: '42' })
  })

  it('is the same again when every comment is proved', () => {
    const all = Array.from({ length: 40 }, (_, index) => `+line ${index}`).join('\n')

    expect(withProvedComments(refused, [diffOf(`@@ -0,0 +1,40 @@\n${all}`)])).toEqual(refused)
  })

  it('was ours', () => {
    expect(() => withoutComments({ ...refused, body: 'Not ours.' })).toThrow(TypeError)
  })
})

describe('the hash', () => {
  it('is that of the commit, the text and the comments', () => {
    const base = compose()
    const others = [
      compose({ summary: 'Other.' }),
      compose({ findings: [inline(4)] }),
      compose({ findings: [inline(3, { suggestion: 'x' })] }),
      compose({ ref: { kind: 'pull_request', headSha: commitSha('b'.repeat(40)), baseRef: 'main' } }),
    ]

    expect(compose()).toEqual(base)
    expect(new Set([base, ...others].map(({ payloadHash }) => payloadHash)).size).toBe(5)
    expect(parseMarker(base.body)?.payloadHash).toBe(base.payloadHash)
  })
})

describe('a comment', () => {
  it('says how severe, who, what and why', () => {
    const { comments } = compose()

    expect(comments).toEqual([
      {
        path: 'src/area.ts',
        line: 3,
        side: 'RIGHT',
        body: '**Medium** (correctness): The height is never used\n\nIt is assigned and then forgotten.',
      },
    ])
  })

  it('names the first line of its range, on the same side', () => {
    const anchor = { path: 'src/area.ts', line: 4, startLine: 2, side: 'LEFT' } as const

    const { comments } = compose({ findings: [inline(4, { placement: { kind: 'inline', anchor } })] })

    expect(comments[0]).toMatchObject({ line: 4, side: 'LEFT', start_line: 2, start_side: 'LEFT' })
  })

  it('offers a suggestion that fits', () => {
    expect(commentOf({ suggestion: 'const b = 2\n' })).toMatch(/\n\n```suggestion\nconst b = 2\n```$/)
    expect(commentOf({ suggestion: '' })).toMatch(/\n\n```suggestion\n```$/)
  })

  it('shows a suggestion that does not fit as plain code', () => {
    const { anchor } = { anchor: { path: 'src/area.ts', line: 3, side: 'RIGHT' } as const }
    const placement = { kind: 'inline', anchor } as const

    expect(commentOf({ placement, suggestion: 'const b = 2' })).toMatch(
      /\n\nSuggested code, not for applying with a click:\n\n```\nconst b = 2\n```$/,
    )
    expect(commentOf({ suggestion: '/approve' })).not.toContain('```suggestion')
  })
})

describe('the body', () => {
  it('says what was read and found', () => {
    const [head, summary] = bodyOf({ findings: [inline(3), inBody()] }).split('\n\n')

    expect(head).toBe('**Plumbline** read 2 files at `abcdef1` and has 2 findings.')
    expect(summary).toBe('Computes an area.')
  })

  it('counts one as one', () => {
    expect(bodyOf({ filesRead: 1 })).toContain('read 1 file at `abcdef1` and has 1 finding.')
  })

  it('has the findings without a place, each with its reason', () => {
    const body = bodyOf({ findings: [inBody({ startLine: 7 })] })

    expect(body).toContain('#### Findings without a place in the diff\n\nIn `src/area.ts`, lines 7 to 9:\n\n**Medium**')
    expect(body).toContain('_Why here:_ The line is not part of the diff.')
  })

  it('names the files that were not read', () => {
    const body = bodyOf({ leftOut: [...manyFiles('unread', 2), ...manyFiles('noise', 1, 'yarn')] })

    expect(body).toContain('**Partly reviewed.** Not read: 2 files.')
    expect(body).toContain('<summary>Not read (2)</summary>\n\n- `file-0.ts`: too large\n- `file-1.ts`: too large\n')
    expect(body).toContain('<summary>Left out on purpose (1)</summary>\n\n- `yarn-0.ts`: too large\n')
  })

  it('says nothing of reading partly when only noise was left out', () => {
    expect(bodyOf({ leftOut: manyFiles('noise', 3) })).not.toContain('Partly')
  })

  it('folds what it took into one line', () => {
    const leftOut = manyFiles('noise', 2)

    const body = bodyOf({ filesRead: 7, leftOut, costUsd: 0.034, tookMs: 48_200 })

    expect(body).toContain(
      '<details><summary>7 files read, 2 left out on purpose · 13,023 tokens · $0.03 · 48 s</summary>\n\n',
    )
    expect(body).toContain('\n\n12,345 tokens read and 678 written by the model.\n\n</details>')
  })

  it('says only what is known of what it took', () => {
    const [free, cheap] = [bodyOf({ costUsd: 0, tookMs: 125_000 }), bodyOf({ costUsd: 0.001, tookMs: 3 })]

    expect(bodyOf({})).toContain('<summary>2 files read · 13,023 tokens</summary>')
    expect(free).toContain('<summary>2 files read · 13,023 tokens · $0.00 · 2 min 5 s</summary>')
    expect(cheap).toContain('<summary>2 files read · 13,023 tokens · less than $0.01 · 1 s</summary>')
  })

  it('has at most three sentences of the summary', () => {
    const summary = 'Adds `a.b()`, v1.2 of it. Removes c. Says why, e.g. for d? Praises itself. And goes on.'

    expect(bodyOf({ summary }).split('\n\n')[1]).toBe('Adds `a.b()`, v1.2 of it. Removes c. Says why, e.g. for d?')
  })

  it('lists the findings past the cap, folded, a line each', () => {
    const placement = { kind: 'listed' } as const

    const body = bodyOf({ findings: [inline(3), inline(9, { placement }), inline(8, { placement, startLine: 7 })] })

    expect(body).toContain('has 3 findings.')
    expect(body).toContain(
      [
        '<details><summary>2 more findings, a line each</summary>\n',
        '- **Medium**, `src/area.ts`, line 9: The height is never used',
        '- **Medium**, `src/area.ts`, lines 7 to 8: The height is never used\n',
        '</details>',
      ].join('\n'),
    )
  })

  it('says nothing of what is held back', () => {
    const placement = { kind: 'held-back', reason: 'Refuted.' } as const
    const held = inline(4, {
      title: 'Wrong',
      placement,
      verification: { verdict: 'refuted', reason: '', evidence: [] },
    })

    expect(compose({ findings: [inline(3), held] })).toEqual(compose({ findings: [inline(3)] }))
    expect(hasSomethingToSay([held])).toBe(false)
  })

  it('ends with the marker', () => {
    const publication = compose()

    expect(publication.body.split('\n').at(-1)).toBe(
      `<!-- plumbline:review kind=pull_request head=${headSha} base=main payload=${publication.payloadHash} id=42 -->`,
    )
    expect(publication.commitSha).toBe(headSha)
  })
})

it('there is something to say only when something was found', () => {
  expect([hasSomethingToSay([]), hasSomethingToSay([inBody()])]).toEqual([false, true])
})
