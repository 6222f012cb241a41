import { describe, expect, it } from 'vitest'
import { type FileDiff, parseFilePatch, type UnreadablePatch } from '../../src/review/diff.ts'
import type { Finding, Placement } from '../../src/review/finding.ts'
import { isCommentable, placeFindings } from '../../src/review/place.ts'
import { diffOf, findingOn, readPatch } from './patches.ts'

// New side 1-5 and 41-42, old side 1-4 and 40-42; see the fixture.
const twoHunks = diffOf(readPatch('two-hunks'))

function place(finding: Finding, diffs: (FileDiff | UnreadablePatch)[] = [twoHunks]): Placement {
  const [placed] = placeFindings([finding], diffs)
  if (!placed) throw new Error('the finding is gone')
  return placed.placement
}

const inline = (side: 'LEFT' | 'RIGHT', line: number, startLine?: number) => ({
  kind: 'inline',
  anchor: { path: 'src/area.ts', side, line, ...(startLine === undefined ? {} : { startLine }) },
})

describe('a finding without a provable place goes to the body', () => {
  it('when its file was not read', () => {
    expect(place(findingOn(1, { path: 'src/other.ts' }))).toEqual({
      kind: 'body',
      reason: 'The file is not among those that were read.',
    })
  })

  it('when the patch of its file cannot be read', () => {
    const cutOff = parseFilePatch({ path: 'src/area.ts', patch: '@@ -1,3 +1,3 @@\n a' })

    expect(place(findingOn(1), [cutOff])).toEqual({
      kind: 'body',
      reason: 'The file has no diff to comment on: GitHub’s patch is cut off or malformed.',
    })
  })

  it.each([6, 20, 40, 43, 1e9])('when line %i is in no hunk', (line) => {
    expect(place(findingOn(line))).toEqual({ kind: 'body', reason: 'The line is not part of the diff.' })
  })

  it.each([0, -1, 1.5, Number.NaN, Infinity])('when its line is %d', (line) => {
    expect(place(findingOn(line))).toEqual({ kind: 'body', reason: 'No valid line was named.' })
  })

  it('when the code that it quotes is nowhere in the diff', () => {
    expect(place(findingOn(2, { quote: 'const depth = 6' }))).toEqual({
      kind: 'body',
      reason: 'The quoted code is not part of the diff.',
    })
  })

  it('when the code that it quotes is in two other hunks', () => {
    const twice = diffOf('@@ -1 +1 @@\n-a\n+b\n@@ -10 +10 @@\n-c\n+same\n@@ -20 +20 @@\n-d\n+same')

    expect(place(findingOn(1, { quote: 'same' }), [twice])).toMatchObject({ kind: 'body' })
  })
})

describe('a line', () => {
  it('that was added or is context is commented on the right', () => {
    expect(place(findingOn(3))).toEqual(inline('RIGHT', 3))
    expect(place(findingOn(5))).toEqual(inline('RIGHT', 5))
  })

  it('that was removed is commented on the left', () => {
    expect(place(findingOn(41, { side: 'LEFT' }))).toEqual(inline('LEFT', 41))
  })

  it('that is context is commented on the right also when the left was named', () => {
    expect(place(findingOn(42, { side: 'LEFT' }))).toEqual(inline('RIGHT', 42))
    expect(place(findingOn(40, { side: 'LEFT' }))).toEqual(inline('RIGHT', 41))
  })

  it('is found under a path that begins with a dot', () => {
    const [placed] = placeFindings([findingOn(3, { path: './src/area.ts' })], [twoHunks])

    expect(placed).toMatchObject({ path: 'src/area.ts', placement: inline('RIGHT', 3) })
  })
})

describe('quoted code', () => {
  it('moves the finding to the line where it stands', () => {
    expect(place(findingOn(2, { quote: 'const height = 5' }))).toEqual(inline('RIGHT', 3))
  })

  it('counts whatever its white space is and whatever stood before it', () => {
    expect(place(findingOn(41, { quote: '\t const  side = box.right ' }))).toEqual(inline('RIGHT', 41))
    expect(place(findingOn(5, { quote: '+const height = 5' }))).toEqual(inline('RIGHT', 3))
    expect(place(findingOn(5, { quote: '3 +const height = 5' }))).toEqual(inline('RIGHT', 3))
    expect(place(findingOn(3, { quote: '5  area(width)' }))).toEqual(inline('RIGHT', 5))
  })

  it('counts though all of its white space was lost', () => {
    expect(place(findingOn(2, { quote: 'constheight=5' }))).toEqual(inline('RIGHT', 3))
  })

  it.each(['console.log(si', 'console.log(s…', 'console.log(...'])(
    'counts though its end was left out: %s',
    (quote) => {
      expect(place(findingOn(900, { quote }))).toEqual(inline('LEFT', 41))
    },
  )

  it('with a word changed counts near the number that was named, and not elsewhere', () => {
    expect(place(findingOn(4, { quote: 'const height = 50' }))).toEqual(inline('RIGHT', 3))
    expect(place(findingOn(41, { quote: 'const height = 50' }))).toMatchObject({ kind: 'body' })
  })

  it('that is a piece of many lines proves nothing', () => {
    expect(place(findingOn(900, { quote: 'side' }))).toMatchObject({ kind: 'body' })
    expect(place(findingOn(900, { quote: 'return sid' }))).toMatchObject({ kind: 'body' })
  })

  it('wins where the same number on the other side has it', () => {
    const moved = diffOf('@@ -1,4 +1,4 @@\n a\n-same\n b\n-c\n+same\n+d')

    expect(place(findingOn(3, { side: 'LEFT', quote: 'same' }), [moved])).toEqual(inline('RIGHT', 3))
  })

  it('finds the nearest of equal lines in the hunk that was named', () => {
    const braces = diffOf('@@ -1,5 +1,7 @@\n {\n }\n+}\n x\n y\n z\n+}')

    expect(place(findingOn(6, { quote: '}' }), [braces])).toEqual(inline('RIGHT', 7))
    expect(place(findingOn(4, { quote: '}' }), [braces])).toEqual(inline('RIGHT', 3))
  })

  it('stays on a line that it equals, whatever else is equal', () => {
    const braces = diffOf('@@ -0,0 +1,3 @@\n+}\n+}\n+}')

    expect(place(findingOn(2, { quote: '}' }), [braces])).toEqual(inline('RIGHT', 2))
  })

  it('is looked for in the other hunks when the line is in none', () => {
    expect(place(findingOn(900, { quote: 'return side' }))).toEqual(inline('RIGHT', 42))
  })

  it('is looked for on the other side', () => {
    expect(place(findingOn(41, { quote: 'console.log(side)' }))).toEqual(inline('LEFT', 41))
  })

  it('moves the whole range', () => {
    expect(place(findingOn(3, { startLine: 2, quote: 'area(width)' }))).toEqual(inline('RIGHT', 5, 4))
  })

  it('may be several lines, of which the finding names one', () => {
    const quote = 'const width = 4\nconst height = 5\n'

    expect(place(findingOn(2, { quote }))).toEqual(inline('RIGHT', 2))
    expect(place(findingOn(5, { startLine: 4, quote }))).toEqual(inline('RIGHT', 3, 2))
  })

  it('that is blank proves nothing and disproves nothing', () => {
    expect(place(findingOn(3, { quote: ' \n ' }))).toEqual(inline('RIGHT', 3))
  })
})

describe('a range', () => {
  it('stays when it is within one hunk', () => {
    expect(place(findingOn(4, { startLine: 2 }))).toEqual(inline('RIGHT', 4, 2))
  })

  it('is turned round when it is upside down', () => {
    expect(place(findingOn(2, { startLine: 4 }))).toEqual(inline('RIGHT', 4, 2))
  })

  it('of one line has no first line', () => {
    expect(place(findingOn(3, { startLine: 3 }))).toEqual(inline('RIGHT', 3))
  })

  it('is cut to the hunk of its last line', () => {
    expect(place(findingOn(42, { startLine: 3 }))).toEqual(inline('RIGHT', 42, 41))
  })

  it('is cut to the hunk of its first line when its last line is in none', () => {
    expect(place(findingOn(9, { startLine: 4 }))).toEqual(inline('RIGHT', 5, 4))
  })

  it('on the left shrinks to the lines that were removed', () => {
    expect(place(findingOn(42, { startLine: 40, side: 'LEFT' }))).toEqual(inline('LEFT', 41))
  })
})

describe('a suggestion', () => {
  const fits = (finding: Partial<Finding>): boolean => {
    const placement = place(findingOn(3, finding))
    return placement.kind === 'inline' && placement.suggestionFits === true
  }

  it.each<[string, Partial<Finding>]>([
    ['its range was cut', { line: 9, startLine: 4, suggestion: 'x' }],
    ['its lines were removed', { line: 41, side: 'LEFT', suggestion: 'x' }],
    ['its lines were named on the left', { line: 42, side: 'LEFT', suggestion: 'x' }],
    ['a secret was taken out of it', { suggestion: 'const key = "█secret██"' }],
    ['it changes nothing', { suggestion: 'const height = 5\n' }],
    ['it repeats the line after its range', { line: 2, suggestion: 'const width = 9\nconst height = 5' }],
    ['it repeats the lines after its range, also blank ones', { suggestion: 'const height = 9\n\narea(width)' }],
    ['it repeats the line before its range', { suggestion: 'const width = 4\nconst height = 9' }],
  ])('does not fit when %s', (_, finding) => {
    expect(fits(finding)).toBe(false)
  })

  it.each<[string, Partial<Finding>]>([
    ['it replaces one line', { suggestion: 'const height = 9' }],
    ['it replaces a range', { startLine: 2, suggestion: 'const [width, height] = [4, 5]' }],
    ['it removes the line', { suggestion: '' }],
    ['the line was found by its quote', { line: 5, quote: 'const height = 5', suggestion: 'const height = 9' }],
    ['it ends as its range ends', { line: 5, startLine: 3, suggestion: 'const height = 9\narea(width)' }],
  ])('fits when %s', (_, finding) => {
    expect(fits(finding)).toBe(true)
  })

  it('fits when its last line is that of its range, and the line after it happens to be the same', () => {
    const braces = diffOf('@@ -0,0 +1,4 @@\n+if (a) {\n+  b()\n+}\n+}')

    const placement = place(findingOn(3, { startLine: 1, suggestion: 'if (c) {\n  b()\n}' }), [braces])

    expect(placement).toEqual({ ...inline('RIGHT', 3, 1), suggestionFits: true })
  })

  it('that keeps the carriage returns of its lines changes nothing', () => {
    const diff = diffOf(readPatch('crlf'))

    expect(place(findingOn(2, { suggestion: 'SECOND\r\n' }), [diff])).toEqual(inline('RIGHT', 2))
  })
})

describe('GitHub takes a comment', () => {
  const takes = (line: number, side: 'LEFT' | 'RIGHT', startLine?: number): boolean =>
    isCommentable({ path: 'src/area.ts', line, side, ...(startLine === undefined ? {} : { startLine }) }, twoHunks)

  it('not on other lines, across hunks, upside down or on the left of a context line', () => {
    const refused = [
      takes(6, 'RIGHT'),
      takes(42, 'RIGHT', 3),
      takes(3, 'RIGHT', 3),
      takes(3, 'RIGHT', 4),
      takes(1, 'LEFT'),
    ]

    expect(refused).toEqual([false, false, false, false, false])
  })

  it('on lines of one hunk', () => {
    expect([takes(3, 'RIGHT'), takes(5, 'RIGHT', 1), takes(41, 'LEFT')]).toEqual([true, true, true])
  })
})
