import { expect, test } from 'vitest'
import { failedReport } from '../../src/cli/reported.ts'
import { toSarif } from '../../src/cli/sarif.ts'
import { findingAt, inline, reportWith } from './reports.ts'
import { sarifMistakes } from './sarif-rules.ts'

interface Result {
  level: string
  ruleId: string
  ruleIndex: number
  message: { text: string }
  locations: [{ physicalLocation: { artifactLocation: { uri: string }; region?: object } }]
  partialFingerprints: Record<string, string>
  fixes?: object[]
}

interface Run {
  tool: { driver: { rules: { id: string }[] } }
  invocations: [{ executionSuccessful: boolean; toolExecutionNotifications: { message: { text: string } }[] }]
  results: Result[]
}

/** Of a log that keeps to the standard. */
function runOf(report: Parameters<typeof toSarif>[0]): Run {
  const log = JSON.parse(JSON.stringify(toSarif(report))) as { runs: [Run] } // checked by the next line
  expect(sarifMistakes(log)).toEqual([])
  return log.runs[0]
}

const fingerprints = ({ results }: Run): (string | undefined)[] =>
  results.map((result) => result.partialFingerprints['plumblineFinding/v1'])

test('a failed review is a log whose run was not successful, with the reason', () => {
  const { invocations, results } = runOf(failedReport('the model cannot be asked'))

  expect(results).toEqual([])
  expect(invocations[0].executionSuccessful).toBe(false)
  expect(invocations[0].toolExecutionNotifications[0]?.message.text).toBe('Not reviewed: the model cannot be asked')
})

test('what was not read is a notification', () => {
  const leftOut = [
    { kind: 'unread', path: 'big.sql', reason: 'did not fit' },
    { kind: 'noise', path: 'yarn.lock', reason: 'lock file' },
  ] as const

  const { invocations } = runOf(reportWith([], { status: 'partly-reviewed', leftOut: [...leftOut] }))

  expect(invocations[0].executionSuccessful).toBe(true)
  expect(invocations[0].toolExecutionNotifications).toEqual([
    { level: 'warning', message: { text: 'Not read: big.sql: did not fit' } },
  ])
})

test('severities become levels, reviewers rules, and lines regions of an encoded path', () => {
  const severities = ['critical', 'high', 'medium', 'low'] as const
  const found = severities.map((severity) =>
    inline(findingAt(12, { severity, reviewer: `by-${severity}`, startLine: 11 })),
  )

  const { results, tool } = runOf(reportWith(found))

  expect(results.map(({ level }) => level)).toEqual(['error', 'error', 'warning', 'note'])
  expect(results.map(({ ruleId, ruleIndex }) => tool.driver.rules[ruleIndex]?.id === ruleId)).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(results[0]?.locations[0].physicalLocation).toEqual({
    artifactLocation: { uri: 'src/a%20b.ts', uriBaseId: '%SRCROOT%' },
    region: { startLine: 11, endLine: 12 },
  })
})

test('a finding on a removed line stands where the line was, and one without any place at its file', () => {
  const removed = inline(findingAt(11, { side: 'LEFT' }))
  const elsewhere = { ...findingAt(3, { path: 'other.ts' }), placement: { kind: 'body', reason: 'not read' } as const }

  const { results } = runOf(reportWith([removed, elsewhere]))

  expect(results[0]?.locations[0].physicalLocation.region).toEqual({ startLine: 11, endLine: 11 })
  expect(results[1]?.locations[0].physicalLocation.region).toBeUndefined()
})

test('only a suggestion that replaces exactly its lines is a fix', () => {
  const suggestion = 'better\n'

  const { results } = runOf(
    reportWith([inline(findingAt(11, { suggestion }), true), inline(findingAt(12, { suggestion }), false)]),
  )

  expect(results[0]?.fixes).toMatchObject([
    {
      artifactChanges: [
        { replacements: [{ deletedRegion: { startLine: 11, endLine: 11 }, insertedContent: { text: 'better' } }] },
      ],
    },
  ])
  expect(results[1]?.fixes).toBeUndefined()
})

test('a fingerprint stays when the words change, differs for other code, and is never there twice', () => {
  const before = reportWith([inline(findingAt(11)), inline(findingAt(12))])
  const after = reportWith([inline(findingAt(11, { title: 'In other words' })), inline(findingAt(11))])

  const [first, second] = fingerprints(runOf(before))
  const [third, fourth] = fingerprints(runOf(after))

  expect(third).toBe(first)
  expect(new Set([first, second, fourth]).size).toBe(3)
})

test('what was held back is no result', () => {
  const heldBack = { ...findingAt(11), placement: { kind: 'held-back', reason: 'refuted' } as const }

  expect(runOf(reportWith([heldBack])).results).toEqual([])
})
