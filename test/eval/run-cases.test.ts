import { expect, test } from 'vitest'
import type { CaseResult } from '../../src/eval/result.ts'
import { runCases, type RunDeps } from '../../src/eval/run-cases.ts'
import { caseOf, commentAt, patient, problemAt, resultOf, reviewWith } from './results.ts'

function depsWith(some: Partial<RunDeps>): RunDeps & { kept: CaseResult[] } {
  const kept: CaseResult[] = []
  return {
    kept,
    review: async () => reviewWith([]),
    judge: undefined,
    keptOf: () => undefined,
    keep: (result) => void kept.push(result),
    ended: () => undefined,
    concurrency: 2,
    ...some,
  }
}

test('a case that fails is a result with its reason, and the others go on', async () => {
  const cause = new Error('the server is away')
  const deps = depsWith({
    review: async ({ id }) => {
      if (id === 'b') throw new Error('the model cannot be asked', { cause })
      return reviewWith([])
    },
  })

  const results = await runCases([caseOf('a'), caseOf('b', [problemAt(1)]), caseOf('c')], deps, patient)

  expect(results.map(({ status }) => status)).toEqual(['reviewed', 'failed', 'reviewed'])
  expect(results[1]).toMatchObject({
    reason: 'the model cannot be asked: the server is away',
    problems: [{ foundBy: null }],
  })
  expect(deps.kept.map(({ id }) => id).toSorted()).toEqual(['a', 'b', 'c'])
})

test('a change that was not reviewed is not one without problems', async () => {
  const deps = depsWith({
    review: async () => reviewWith([], { notReviewed: 'Not reviewed: no file was read', coverage: 'none' }),
  })

  const [result] = await runCases([caseOf('a')], deps, patient)

  expect(result).toMatchObject({ status: 'not-reviewed', reason: 'Not reviewed: no file was read' })
})

test('what has ended is not run again, but what failed is', async () => {
  const reviewed: string[] = []
  const before = [
    resultOf('a'),
    resultOf('b', { status: 'failed', reason: 'away' }),
    resultOf('c', { status: 'not-reviewed' }),
  ]
  const deps = depsWith({
    keptOf: (id) => before.find((one) => one.id === id),
    review: async ({ id }) => {
      reviewed.push(id)
      return reviewWith([])
    },
  })

  const results = await runCases([caseOf('a'), caseOf('b'), caseOf('c'), caseOf('d')], deps, patient)

  expect(reviewed).toEqual(['b', 'd'])
  expect(results.map(({ id, status }) => `${id} ${status}`)).toEqual([
    'a reviewed',
    'b reviewed',
    'c not-reviewed',
    'd reviewed',
  ])
})

test('an abort keeps what has ended, and nothing of what was running', async () => {
  const controller = new AbortController()
  const deps = depsWith({
    concurrency: 1,
    review: async ({ id }, signal) => {
      if (id === 'b') controller.abort()
      signal.throwIfAborted()
      return reviewWith([])
    },
  })

  const results = await runCases([caseOf('a'), caseOf('b'), caseOf('c')], deps, controller.signal)

  expect(results.map(({ id }) => id)).toEqual(['a'])
  expect(deps.kept.map(({ id }) => id)).toEqual(['a'])
})

test('no more cases run at a time than asked for', async () => {
  let running = 0
  let most = 0
  const deps = depsWith({
    review: async () => {
      most = Math.max(most, ++running)
      await Promise.resolve()
      running--
      return reviewWith([])
    },
  })

  await runCases(
    ['a', 'b', 'c', 'd', 'e'].map((id) => caseOf(id)),
    deps,
    patient,
  )

  expect(most).toBe(2)
})

test('a judge is asked with the comments, and decides', async () => {
  const comments = [commentAt(90), commentAt(1)]
  const deps = depsWith({ review: async () => reviewWith(comments), judge: async () => [0] })

  const [result] = await runCases([caseOf('a', [problemAt(1)])], deps, patient)

  expect(result).toMatchObject({ judgedBy: 'model', problems: [{ foundBy: 0 }] })
})
