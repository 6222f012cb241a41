import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { type Report } from '../../src/cli/reported.ts'
import { terminalText } from '../../src/cli/terminal.ts'
import { findingAt, inline, reportWith } from './reports.ts'

const usage = { tokens: { input: 1200, output: 30, cached: 400 }, costUsd: 0.0123, ms: 12_345, requests: 2 }

/** Standard output of a test is no terminal. */
function textOf(report: Report): string {
  return terminalText({ report, what: 'main..HEAD', usage }, process.stdout)
}

test('what a terminal would obey is taken out of everything that a model or an author wrote', () => {
  const hostile = '\u001b[2J\u001b]0;title\u0007\u009bmall is well\u202e'
  const finding = findingAt(11, {
    title: hostile,
    body: hostile,
    path: `a${hostile}.ts`,
    reviewer: hostile,
    suggestion: hostile,
  })
  const leftOut = [{ kind: 'unread', path: hostile, reason: hostile } as const]

  const text = textOf(reportWith([inline(finding)], { summary: hostile, headline: hostile, leftOut }))

  expect(text).toContain('all is well')
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
})

test('a finding shows its lines, why it has no place in the diff, and what is suggested', () => {
  const elsewhere = {
    ...findingAt(99),
    placement: { kind: 'body', reason: 'The line is not part of the diff.' } as const,
  }

  const text = textOf(reportWith([inline(findingAt(12, { startLine: 11, suggestion: 'best\nof all\n' })), elsewhere]))

  expect(text).toContain(
    'HIGH  src/a b.ts:11-12  (correctness)\n  It is wrong\n  11 | new\n  12 | newer\n  When it runs, it fails.',
  )
  expect(text).toContain('  Suggested:\n  + best\n  + of all')
  expect(text).toContain('  Not in the diff: The line is not part of the diff.')
})

test('what was held back is counted, and what was not read is listed', () => {
  const heldBack = { ...findingAt(11), placement: { kind: 'held-back', reason: 'refuted' } as const }
  const leftOut = [{ kind: 'unread', path: 'big.sql', reason: 'did not fit' } as const]

  const text = textOf(reportWith([heldBack], { leftOut }))

  expect(text).toContain('Held back: 1. --json has them')
  expect(text).toContain('Not read (1):\n- big.sql: did not fit')
  expect(text).not.toContain('It is wrong')
})

test('what it took stands at the end', () => {
  expect(textOf(reportWith([]))).toMatch(/12\.3 s, 2 requests, 1200 tokens in \(400 from cache\), 30 out, \$0\.0123\n$/)
})

test('a terminal gets colour', () => {
  // As much of a terminal as is asked: `getColorDepth` is where Node minds NO_COLOR.
  const terminal = Object.assign(new PassThrough(), { isTTY: true, getColorDepth: () => 8 })
  const report = reportWith([inline(findingAt(11))])

  const text = terminalText({ report, what: 'main..HEAD', usage }, terminal as unknown as NodeJS.WriteStream)

  expect(text).toContain('\u001b[31mHIGH\u001b[39m')
})
