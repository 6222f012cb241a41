import { describe, expect, it } from 'vitest'
import { commitSha, reviewId } from '../../src/review/ids.ts'
import { type Marker, parseMarker, withoutMarker, writeMarker } from '../../src/review/marker.ts'

const marker: Marker = {
  kind: 'pull_request',
  headSha: commitSha('a'.repeat(40)),
  baseRef: 'main',
  payloadHash: '0123456789abcdef'.repeat(2),
  reviewId: reviewId('42'),
}
const line = writeMarker(marker)

describe('a marker is not taken for one of ours', () => {
  it.each([
    ['when text stands after it', `${line}\nmore`],
    ['when text stands before it on its line', `x ${line}`],
    ['when it is in a fence', `\`\`\`\n${line}\n\`\`\``],
    ['when its commit is cut', line.replace('aaaaaaaa ', ' ')],
    ['when its commit has 50 digits', line.replace('a'.repeat(40), 'a'.repeat(50))],
    ['when its kind is unknown', line.replace('pull_request', 'push')],
    ['when its id is zero', line.replace('id=42', 'id=0')],
    ['when its base is not encoded as we do it', line.replace('base=main', 'base=ma-in')],
    ['when its base cannot be decoded', line.replace('base=main', 'base=%E0%A4')],
    ['when its base is missing', line.replace('base=main ', '')],
    ['when it has something more', line.replace(' -->', ' x=1 -->')],
    ['when there is none', 'Only text.'],
    ['when there is nothing', ''],
  ])('%s', (_, body) => {
    expect(parseMarker(body)).toBeUndefined()
    expect(withoutMarker(body)).toBe(body)
  })
})

describe('a marker', () => {
  it('is read from the last line', () => {
    expect(parseMarker(`Text.\n\n${line}`)).toEqual(marker)
    expect(parseMarker(`Text.\r\n\r\n${line}\r\n`)).toEqual(marker)
    expect(withoutMarker(`Text.\n\n${line}`)).toBe('Text.')
  })

  it('is read behind a forged one', () => {
    const forged = writeMarker({ ...marker, reviewId: reviewId('666') })

    expect(parseMarker(`${forged}\n\n${line}`)?.reviewId).toBe('42')
  })

  it.each(['feature/a-b--c', 'a b', '-->', 'größe', 'x%2Dy', "it's", 'a/../b', '😀'])(
    'keeps the base branch %j',
    (baseRef) => {
      const written = writeMarker({ ...marker, baseRef })

      expect(parseMarker(written)).toEqual({ ...marker, baseRef })
      // Two dashes would end the comment for some parsers.
      expect(written.slice('<!--'.length, -'-->'.length)).not.toContain('--')
    },
  )
})
