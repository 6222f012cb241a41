import { expect, test } from 'vitest'
import { writeComparison } from '../../src/eval/compare.ts'
import { writeReport } from '../../src/eval/report.ts'
import type { CaseResult } from '../../src/eval/result.ts'
import type { Run } from '../../src/eval/run-folder.ts'
import { commentAt, problemAt, resultOf } from './results.ts'

const settings = { model: 'some-model', verifier: 'some-model', judge: null, contextTokens: null }

function runOf(results: CaseResult[], some: Partial<Run> = {}): Run {
  return { folder: '.eval/one', settings, results, unfinished: 0, ...some }
}

const missed = resultOf('a', {
  problems: [{ ...problemAt(7), foundBy: null, lost: 'held back: refuted' }],
  comments: [
    commentAt(50, { title: 'Something | else\nentirely' }),
    commentAt(7, { place: 'held-back', reason: 'refuted' }),
  ],
})
const found = resultOf('a', {
  problems: [{ ...problemAt(7), foundBy: 0, lost: null }],
  comments: [commentAt(7)],
})

test('a report states its rule, and names what was missed, said beside it, held back and not read', () => {
  const unread = resultOf('b', {
    status: 'not-reviewed',
    reason: 'Not reviewed: no file was read',
    leftOut: [{ kind: 'unread', path: 'big.sql', reason: 'did not fit' }],
  })

  const report = writeReport(runOf([missed, unread]))

  expect(report).toContain('its lines are within ± 3 of the problem')
  expect(report).toContain('Some problems of these cases give no words.')
  expect(report).toContain('| known problems found | 0 of 1 (0 %) |')
  expect(report).toContain('- a, a.py:7, high: The last page is never read. (held back: refuted)')
  expect(report).toContain('- a, a.py:50, high: Something | else entirely')
  expect(report).toContain('- a, a.py:7: The last page is skipped — refuted')
  expect(report).toContain('- b: Not reviewed: no file was read\n- b: big.sql: did not fit')
  expect(report).toContain('| b | Python | easy | **not-reviewed** |')
})

test('a report of a run that was interrupted says so before any figure', () => {
  const report = writeReport(runOf([found], { unfinished: 3 }))

  expect(report.indexOf('**Not finished:** 3 cases')).toBeLessThan(report.indexOf('## All'))
})

test('with a judge the report states that rule and who judged', () => {
  const report = writeReport(runOf([found], { settings: { ...settings, judge: 'judge-model' } }))

  expect(report).toContain('names the same cause')
  expect(report).toContain('The judge was judge-model.')
  expect(report).not.toContain('within ± 3')
})

test('a comparison counts only what is in both runs, and tells the differences case by case', () => {
  const comparison = writeComparison(runOf([missed, resultOf('x')]), runOf([found], { folder: '.eval/two' }))

  expect(comparison).toContain('# 1 cases, twice')
  expect(comparison).toContain('in one run only: x.')
  expect(comparison).toContain('| known problems found | 0 of 1 (0 %) | 1 of 1 (100 %) |')
  expect(comparison).toContain('| a | a.py:7: The last page is never read. | held back: refuted | found |')
})

test('a comparison of runs that were judged by different rules says so', () => {
  const judged = runOf([found], { settings: { ...settings, judge: 'judge-model' } })

  expect(writeComparison(runOf([found]), judged)).toContain('not judged by the same rule')
})
