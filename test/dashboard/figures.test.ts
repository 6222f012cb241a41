import { describe, expect, test } from 'vitest'
import { age, count, duration, plural, usd, waitTime } from '../../src/dashboard/figures.ts'

describe('figures read as people write them', () => {
  test.each([
    [-1, '–'],
    [0, '0.0 s'],
    [420, '0.4 s'],
    [9_940, '9.9 s'],
    [9_999, '10.0 s'],
    [12_400, '12 s'],
    [59_600, '1 min 0 s'],
    [192_000, '3 min 12 s'],
    [3_600_000, '1 h 0 min'],
    [47.99 * 3_600_000, '47 h 59 min'],
    [48 * 3_600_000, '2 days'],
  ])('%i ms last %s', (ms, words) => expect(duration(ms)).toBe(words))

  test.each([
    [-5000, 'just now'],
    [59_000, 'just now'],
    [61_000, '1 min ago'],
    [3_600_000, '1 h ago'],
    [47 * 3_600_000, '47 h ago'],
    [72 * 3_600_000, '3 days ago'],
  ])('%i ms back is %s', (ms, words) => expect(age(ms)).toBe(words))

  test.each([
    [0, '0'],
    [9999, '9999'],
    [10_000, '10k'],
    [999_499, '999k'],
    [999_600, '1.0M'],
    [1_250_000, '1.3M'],
  ])('%i is %s', (value, words) => expect(count(value)).toBe(words))

  test('amounts and nouns', () => {
    expect([usd(0.001), usd(0.126), usd(12)]).toEqual(['< $0.01', '$0.13', '$12.00'])
    expect([plural(0, 'file'), plural(1, 'file'), plural(2, 'file')]).toEqual(['0 files', '1 file', '2 files'])
  })
})

describe('how long a review waited', () => {
  const at = (second: number): Date => new Date(second * 1000)
  const times = { askedAt: at(100), startedAt: null, finishedAt: null }

  test('goes on until it is started, or ends without', () => {
    const waits = waitTime(times, 130_000)
    const started = waitTime({ ...times, startedAt: at(112) }, 130_000)
    const cancelled = waitTime({ ...times, finishedAt: at(120) }, 130_000)

    expect([waits, started, cancelled]).toEqual(['30 s', '12 s', '20 s'])
  })
})
