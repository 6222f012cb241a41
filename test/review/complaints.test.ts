// What users of automated reviewers complain about, by group, as far as reading, placing, choosing and writing can help it. Each
// test says the complaint's opposite. What other parts of the house answer for is tested there: posting (`test/jobs`, `test/story.test.ts`),
// budgets and malformed answers (`test/agent`).
import { describe, expect, it } from 'vitest'
import { packFiles } from '../../src/agent/budget.ts'
import { showFile } from '../../src/agent/shown-file.ts'
import { type CheckRunText, checkRunText, type CheckRunFacts } from '../../src/review/check-run-text.ts'
import { choosePublishable, type Said } from '../../src/review/choose.ts'
import { composePublication, hasSomethingToSay, withoutComments, withProvedComments } from '../../src/review/compose.ts'
import { type FileDiff, parseFilePatch, type UnreadablePatch } from '../../src/review/diff.ts'
import { chooseFiles } from '../../src/review/filter.ts'
import type { Finding, PlacedFinding, Verification } from '../../src/review/finding.ts'
import { commitSha, reviewId } from '../../src/review/ids.ts'
import { type FileLeftOut, type Status, statuses } from '../../src/review/outcome.ts'
import { placeFindings } from '../../src/review/place.ts'
import type { Publication } from '../../src/review/publication.ts'
import { coverageOf } from '../../src/review/verdict.ts'
import { wording } from '../../src/review/wording.ts'
import { objection } from './acceptance.ts'
import { changedFile, diffOf, findingOn, readPatch } from './patches.ts'

// New side 1-5 and 41-42, old side 1-4 and 40-42; see the fixture.
const patch = readPatch('two-hunks')
const diff = diffOf(patch)

function publish(findings: Finding[], diffs: (FileDiff | UnreadablePatch)[] = [diff], said: Said[] = []): Publication {
  return composed(choosePublishable(placeFindings(findings, diffs), { said }))
}

function composed(findings: PlacedFinding[], leftOut: FileLeftOut[] = []): Publication {
  const ref = { kind: 'pull_request', headSha: commitSha('a'.repeat(40)), baseRef: 'main' } as const
  const tokens = { input: 10, output: 2 }
  return composePublication({
    reviewId: reviewId('1'),
    ref,
    summary: 'Adds x.',
    findings,
    leftOut,
    filesRead: 3,
    tokens,
  })
}

function check(facts: Partial<CheckRunFacts>): CheckRunText {
  const none = { reason: undefined, coverage: undefined, findings: 0, filesRead: 0, leftOut: [], summary: '' }
  return checkRunText({ status: 'published', ...none, ...facts })
}

const lineOf = ({ comments }: Publication): unknown => comments.map(({ line, side }) => `${side} ${line}`)

describe('A: comments at the wrong place, or a refusal that loses everything', () => {
  it('A1: a suggestion on a line outside of the diff is told in the body, with its code', () => {
    const { body, comments } = publish([findingOn(20, { suggestion: 'const b = 2' })])

    expect(comments).toEqual([])
    expect(body).toContain('```\nconst b = 2\n```')
    expect(body).toContain('_Why here:_ The line is not part of the diff.')
  })

  it('A2: one bad place takes nothing away from the others', () => {
    const { body, comments } = publish([
      findingOn(3),
      findingOn(900, { title: 'Far away' }),
      findingOn(42, { title: 'Side' }),
    ])

    expect(comments).toHaveLength(2)
    expect(body).toContain('Far away')
  })

  it('A3, A4: whatever line is named, no comment is sent that GitHub would refuse', () => {
    const everywhere = Array.from({ length: 60 }, (_, at) =>
      (['LEFT', 'RIGHT'] as const).flatMap((side) => [
        findingOn(at, { side, title: `${side} ${at}` }),
        findingOn(at, { side, startLine: at - 7, title: `range ${side} ${at}` }),
      ]),
    ).flat()

    const placed = placeFindings(everywhere, [diff])
    const refused = composed(placed).comments.filter(
      (one) => objection(one, new Map([[one.path, patch]])) !== undefined,
    )

    expect(refused).toEqual([])
  })

  it('A5: a removed line is commented on the left, a context line on the right, a range within one hunk', () => {
    const published = publish([
      findingOn(41, { side: 'LEFT', title: 'Removed' }),
      findingOn(42, { side: 'LEFT', title: 'Context' }),
      findingOn(41, { startLine: 2, title: 'Range' }),
    ])

    expect(lineOf(published)).toEqual(['LEFT 41', 'RIGHT 42', 'RIGHT 41'])
    expect(published.comments[2]).not.toHaveProperty('start_line')
  })

  it('A6: what GitHub still refuses moves into the body, and the reader is told', () => {
    const refused = publish([findingOn(3, { title: 'Taken' }), findingOn(42, { title: 'Not taken' })])

    const again = withProvedComments(refused, [diffOf('@@ -1 +3 @@\n-a\n+b')])
    const last = withoutComments(again)

    expect(again.comments).toHaveLength(1)
    expect(last.comments).toEqual([])
    expect([again.body, last.body].every((body) => body.includes('Not taken'))).toBe(true)
    expect(last.body).toContain('Comments that GitHub did not take in the diff')
  })

  it('A8: of equal lines the one is meant that was numbered, or that stands nearest', () => {
    const braces = diffOf(`@@ -0,0 +1,6 @@\n+}\n+a\n+}\n+b\n+}\n+c`)

    expect(lineOf(publish([findingOn(3, { quote: '}' })], [braces]))).toEqual(['RIGHT 3'])
    expect(lineOf(publish([findingOn(6, { quote: '}' })], [braces]))).toEqual(['RIGHT 5'])
  })

  it('A8: neighbours that are quoted too tell equal lines apart', () => {
    const braces = diffOf(`@@ -0,0 +1,6 @@\n+}\n+a\n+}\n+b\n+}\n+c`)

    expect(lineOf(publish([findingOn(90, { quote: 'b\n}' })], [braces]))).toEqual(['RIGHT 5'])
  })

  it('A9: offsets inside the patch, taken for line numbers, lead to the quoted line', () => {
    expect(lineOf(publish([findingOn(10, { quote: 'return side' })]))).toEqual(['RIGHT 42'])
    expect(lineOf(publish([findingOn(4, { quote: 'const height = 5' })]))).toEqual(['RIGHT 3'])
  })

  it('A10: a line that is near but not the one that is quoted is never commented on', () => {
    expect(lineOf(publish([findingOn(2, { quote: 'import { area } from "./area.ts"; area()' })]))).not.toEqual([
      'RIGHT 2',
    ])
  })

  it('A11: a suggestion is offered only when it replaces exactly the lines of its comment', () => {
    const clipped = publish([findingOn(9, { startLine: 4, suggestion: 'area(height)' })])
    const doubling = publish([findingOn(3, { suggestion: 'const height = 9\n\narea(width)' })])
    const exact = publish([findingOn(3, { suggestion: 'const height = 9' })])

    const offered = [clipped, doubling, exact].map(({ comments }) => comments[0]?.body.includes('```suggestion'))
    expect(offered).toEqual([false, false, true])
  })
})

describe('B: the same thing said again and again', () => {
  it('B13, B14: 335 identical findings of one run are one comment', () => {
    const { body, comments } = publish(Array.from({ length: 335 }, () => findingOn(3)))

    expect(comments).toHaveLength(1)
    expect(body).toContain('has 1 finding.')
  })

  it('B16: what another bot says on that line is not said again', () => {
    const said = [{ path: diff.path, line: 3, author: 'lint[bot]', text: 'height is never used' }]

    expect(publish([findingOn(3, { quote: 'const height = 5' })], [diff], said).comments).toEqual([])
  })
})

describe('F: large pull requests', () => {
  const large = (path: string): ReturnType<typeof changedFile> =>
    changedFile({
      path,
      patch: `@@ -0,0 +1,900 @@\n${Array.from({ length: 900 }, (_, at) => `+line ${at}`).join('\n')}`,
    })
  const shown = [large('a.ts'), large('b.ts'), large('c.ts')]
    .map(showFile)
    .flatMap((file) => ('reason' in file ? [] : [file]))

  it('F28, F29: files that did not fit are named, with the budget, in the review and in the check run', () => {
    const { leftOut, parts } = packFiles(shown, { maxTokens: 5_000, maxParts: 1 })
    const files = parts.flat()

    const { body } = composed([], leftOut)
    const { conclusion, summary } = check({
      coverage: coverageOf(files.length, leftOut),
      filesRead: files.length,
      leftOut,
    })

    expect(files.length).toBeLessThan(3)
    expect(leftOut.length).toBeGreaterThan(0)
    expect([body, summary].every((text) => text.includes('did not fit into 1 call of 5000 tokens'))).toBe(true)
    expect(conclusion).toBe('neutral')
  })

  it('F30: nothing read and nothing said is never green', () => {
    const { leftOut, parts } = packFiles(shown, { maxTokens: 10, maxParts: 1 })

    const told = check({ coverage: coverageOf(parts.length, leftOut), leftOut })

    expect(told).toMatchObject({ conclusion: 'neutral', title: 'Not reviewed: no file was read' })
    expect(told.summary).toContain('`a.ts`')
  })

  it('F31: what it read and what that took stands in one folded line', () => {
    expect(composed([]).body).toMatch(/<details><summary>3 files read · 12 tokens<\/summary>/)
  })

  it('F32: files beyond GitHub’s list, and files without a patch, are counted and named', () => {
    const { patch: _, ...tooLarge } = changedFile({ additions: 90_000 })

    const { leftOut } = chooseFiles([tooLarge], 7_000)

    expect(leftOut).toEqual([
      { kind: 'unread', path: 'src/area.ts', reason: 'GitHub gives no patch: the change is too large' },
      { kind: 'unread', path: 'and 6999 more', reason: 'GitHub’s list of files ends before', files: 6999 },
    ])
  })

  it('F32: a patch that is cut off is not taken for whole', () => {
    const cut = parseFilePatch({ path: 'a.ts', patch: patch.slice(0, -30) })

    expect(cut).toMatchObject({ kind: 'unreadable' })
  })
})

describe('G: green although nothing was reviewed', () => {
  it('G33: a skip, a crash and a limit are not success', () => {
    const conclusions = statuses.map((status: Status) => check({ status, coverage: 'full', filesRead: 3 }).conclusion)

    expect(conclusions.filter((one) => one === 'success')).toHaveLength(1)
    expect(check({ status: 'skipped' }).conclusion).toBe('skipped')
    expect(check({ status: 'failed' }).conclusion).toBe('neutral')
  })

  it('G34: the title alone tells a clean review from one that did not happen', () => {
    const clean = check({ coverage: 'full', filesRead: 3 }).title
    const others = [
      check({ coverage: 'none' }),
      check({ status: 'failed' }),
      check({ status: 'skipped', reason: 'The pull request is a draft.' }),
      check({ status: 'queued', reason: 'GitHub asked to wait' }),
      check({ coverage: 'partial', filesRead: 1, leftOut: [{ kind: 'unread', path: 'a', reason: 'b' }] }),
      check({
        coverage: 'partial',
        filesRead: 1,
        leftOut: [{ kind: 'unread', path: wording.files.reviewers, reason: wording.reason.noModel }],
      }),
    ].map(({ title }) => title)

    expect(clean).toBe('Reviewed: no problems found')
    expect(new Set([clean, ...others]).size).toBe(7)
    expect(others.filter((title) => title.startsWith('Reviewed'))).toEqual([])
  })

  it('G35: a review that waits for a limit is under way, not done', () => {
    expect(check({ status: 'queued', reason: 'GitHub asked to wait' })).toMatchObject({
      state: 'queued',
      title: 'Waiting: GitHub asked to wait',
    })
  })

  it('G36: what was held back does not make a review look as if it had spoken', () => {
    const heldBack = choosePublishable(placeFindings([findingOn(3)], [diff]).map((one) => ({ ...one, verification })))

    expect(hasSomethingToSay(heldBack)).toBe(false)
    expect(composed(heldBack).body).toContain('has 0 findings.')
  })
})

const verification: Verification = { verdict: 'none', reason: 'Nobody answered.', evidence: [] }

describe('K: noise', () => {
  const { body, comments } = publish([findingOn(3, { severity: 'critical' }), findingOn(900)])
  const everything = [body, ...comments.map((one) => one.body)].join('\n')

  it('K51: where nothing is wrong, nothing is said', () => {
    expect(hasSomethingToSay([])).toBe(false)
  })

  it('K51: no praise, no pleasantries, no pictures', () => {
    expect(everything).not.toMatch(/\p{Extended_Pictographic}|great|nice|well done|thank|happy|hope|please/iu)
  })

  it('K52: one review, of at most two unfolded headings, and ten comments', () => {
    const many = publish(Array.from({ length: 40 }, (_, at) => findingOn((at % 5) + 1, { title: `thing${at} x${at}` })))

    expect(many.comments).toHaveLength(10)
    expect(many.body.match(/^#+ /gm) ?? []).toEqual([])
    expect(many.body).toContain('<summary>30 more findings, a line each</summary>')
  })

  it('K53: no advertising: no address, no product but our name, once', () => {
    expect(everything).not.toMatch(/https?:|www\.|upgrade|plan\b|trial|try /i)
    expect(everything.match(/Plumbline/g)).toHaveLength(1)
  })

  it('K53: the text is there from the first e-mail on; nothing says that it is being written', () => {
    expect(everything).not.toMatch(/reviewing|in progress|please wait|coming/i)
  })
})

describe('O: limits of texts', () => {
  it('O67: however much there is to say, the body fits, and says how much did not', () => {
    const many = Array.from({ length: 400 }, (_, at): PlacedFinding => ({
      ...findingOn(at + 1, { title: `number ${at}`, body: 'x '.repeat(3_000) }),
      placement: { kind: 'body', reason: 'The line is not part of the diff.' },
    }))

    const told = composed(many).body

    expect(told.length).toBeLessThanOrEqual(65_536)
    expect(told).toMatch(/\d+ more findings did not fit here\./)
  })
})
