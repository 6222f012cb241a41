// GitHub's rule for the place of a comment, taken apart: each part with a fixture in which it refuses something, and the page that
// says it. `place-many.test.ts` compares it with our own for every anchor there is.
import { describe, expect, it } from 'vitest'
import type { Anchor } from '../../src/review/finding.ts'
import { isCommentable } from '../../src/review/place.ts'
import { objection, type Place } from './acceptance.ts'
import { diffOf, readPatch } from './patches.ts'

const comment = 'https://docs.github.com/en/rest/pulls/comments#create-a-review-comment-for-a-pull-request'
const files = 'https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files'

interface Rule {
  rule: string
  page: string
  fixture: string
  refused: Omit<Anchor, 'path'>
  taken: Omit<Anchor, 'path'>
}

const rules: readonly Rule[] = [
  {
    rule: 'line: “the line of the blob in the pull request diff”, so not one between two hunks',
    page: comment,
    fixture: 'two-hunks',
    refused: { side: 'RIGHT', line: 20 },
    taken: { side: 'RIGHT', line: 41 },
  },
  {
    rule: 'side RIGHT: “additions that appear in green or unchanged lines that appear in white”, so not the number of a removed line',
    page: comment,
    fixture: 'emptied-file',
    refused: { side: 'RIGHT', line: 1 },
    taken: { side: 'LEFT', line: 1 },
  },
  {
    rule: 'side LEFT: “deletions that appear in red”, so no unchanged line',
    page: comment,
    fixture: 'two-hunks',
    refused: { side: 'LEFT', line: 40 },
    taken: { side: 'LEFT', line: 41 },
  },
  {
    rule: 'start_line: “the first line in the pull request diff that your multi-line comment applies to”, so in the hunk of the last',
    page: comment,
    fixture: 'two-hunks',
    refused: { side: 'RIGHT', line: 41, startLine: 5 },
    taken: { side: 'RIGHT', line: 42, startLine: 41 },
  },
  {
    rule: 'line: “for a multi-line comment, the last line of the range”, so not before the first, nor the same',
    page: comment,
    fixture: 'crlf',
    refused: { side: 'RIGHT', line: 2, startLine: 2 },
    taken: { side: 'RIGHT', line: 3, startLine: 2 },
  },
  {
    rule: 'patch: the lines of the patch and no others, so not the note about a missing line break',
    page: files,
    fixture: 'newline-added',
    refused: { side: 'RIGHT', line: 3 },
    taken: { side: 'RIGHT', line: 2 },
  },
  {
    rule: 'patch: a carriage return inside a line begins no other one',
    page: files,
    fixture: 'lone-cr',
    refused: { side: 'RIGHT', line: 3 },
    taken: { side: 'RIGHT', line: 2 },
  },
]

const path = 'src/area.ts'

function toPlace({ startLine, ...anchor }: Anchor): Place {
  return { ...anchor, ...(startLine === undefined ? {} : { start_line: startLine, start_side: anchor.side }) }
}

describe.each(rules)('$rule', ({ fixture, page, refused, taken }) => {
  it(`in ${fixture}.patch, see ${page}`, () => {
    const patch = readPatch(fixture)
    const anchors = [refused, taken].map((anchor): Anchor => ({ path, ...anchor }))

    const judged = anchors.map((anchor) => objection(toPlace(anchor), new Map([[path, patch]])) === undefined)
    const ours = anchors.map((anchor) => isCommentable(anchor, diffOf(patch)))

    expect([judged, ours]).toEqual([
      [false, true],
      [false, true],
    ])
  })
})

it('path: “the relative path to the file”, so one of the list', () => {
  const place: Place = { path: 'src/other.ts', side: 'RIGHT', line: 3 }

  expect(objection(place, new Map([[path, readPatch('two-hunks')]]))).toBe('path is invalid')
})

it('start_side: “the starting side of the diff”, and a comment of ours never reaches over to the other one', () => {
  const place: Place = { path, side: 'RIGHT', line: 3, start_line: 2, start_side: 'LEFT' }

  expect(objection(place, new Map([[path, readPatch('two-hunks')]]))).toBe('two sides')
})
