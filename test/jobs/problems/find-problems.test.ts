import { expect, test } from 'vitest'
import { findProblems, type ProblemDeps } from '../../../src/jobs/problems/find-problems.ts'
import { recordOf } from '../../../src/jobs/record-of.ts'
import type { Examination, Verified } from '../../../src/jobs/ports.ts'
import type { Said } from '../../../src/review/choose.ts'
import type { Finding, PlacedFinding, Verification } from '../../../src/review/finding.ts'
import { wording } from '../../../src/review/wording.ts'
import { areaPatch, changeOf, modified } from '../../agent/changes.ts'

const patient = new AbortController().signal
const area = modified('src/area.js', areaPatch)

function problem(changes: Partial<Finding> = {}): Finding {
  return {
    reviewer: 'correctness',
    severity: 'medium',
    path: 'src/area.js',
    line: 11,
    side: 'RIGHT',
    quote: '  return width * height',
    title: 'The height is not defined here',
    body: 'Only `box.height` exists.',
    ...changes,
  }
}

interface Trial {
  answered?: Finding[]
  found?: Finding[]
  said?: Said[]
  /** What the verifier makes of the candidates; confirms all without it. */
  verify?: (candidates: PlacedFinding[]) => Verified
  model?: 'none'
}

/** In which order the parts were called, and what the verifier was given. */
async function find({ answered = [], found = [], model, said = [], verify }: Trial) {
  const called: string[] = []
  const candidates: PlacedFinding[] = []
  const examined: Examination = { summary: 'S.', findings: answered, filesRead: 1, leftOut: [], malformed: [] }
  const finder: ProblemDeps['finder'] = {
    async examine() {
      called.push('examine')
      return examined
    },
    async verify(_, given) {
      called.push('verify')
      candidates.push(...given)
      return verify?.(given) ?? { findings: given.map(confirm), unheard: 0 }
    },
  }
  const deps: ProblemDeps = {
    finder: model === 'none' ? undefined : finder,
    checker: {
      async keepParsing(_, findings) {
        called.push('keepParsing')
        return findings
      },
    },
    async readSaid() {
      called.push('readSaid')
      return said
    },
  }
  const problems = await findProblems({ change: changeOf([area]), files: [area], found }, deps, patient)
  return { called, candidates, ...problems }
}

const confirm = (finding: PlacedFinding): PlacedFinding => ({
  ...finding,
  verification: {
    verdict: 'confirmed',
    reason: 'It throws.',
    evidence: [{ path: 'src/area.js', first: 11, last: 11 }],
  },
})

const placements = (findings: readonly PlacedFinding[]): string[] => findings.map(({ placement }) => placement.kind)

test('what the verifier did not confirm is kept with its reason, and held back', async () => {
  const verification: Verification = { verdict: 'refuted', reason: 'It is defined above.', evidence: [] }

  const { findings } = await find({
    answered: [problem()],
    verify: (given) => ({ findings: given.map((one) => ({ ...one, verification })), unheard: 0 }),
  })

  expect(findings).toMatchObject([{ placement: { kind: 'held-back', reason: 'It is defined above.' } }])
})

test('findings without a verdict make the review a partial one, which says so', async () => {
  const { examined, findings } = await find({
    answered: [problem()],
    verify: (given) => ({
      findings: given.map((one) => ({ ...one, placement: { kind: 'held-back', reason: 'No verdict.' } })),
      unheard: 1,
    }),
  })

  expect(placements(findings)).toEqual(['held-back'])
  expect(examined.malformed).toEqual([wording.files.unheard(1)])
  expect(recordOf(examined, findings, []).coverage).toBe('partial')
})

test('nobody pays for a verdict on a repeat', async () => {
  const { candidates, findings } = await find({
    answered: [problem(), problem({ severity: 'high' }), problem({ reviewer: 'security' })],
  })

  expect(candidates).toMatchObject([{ severity: 'high', placement: { kind: 'inline' } }])
  expect(findings).toHaveLength(1)
})

test('what a check found is not found again by a model', async () => {
  const check = problem({ reviewer: 'checks:leftovers', severity: 'low' })

  const { candidates } = await find({ found: [check], answered: [problem({ severity: 'critical' })] })

  expect(candidates.map(({ reviewer }) => reviewer)).toEqual(['checks:leftovers'])
})

test('what another bot has said on the line is held back, and that bot is named', async () => {
  const text = 'The height is not defined here.'

  const { findings } = await find({
    answered: [
      problem(),
      problem({ line: 10, quote: '  const width = box.right - box.left', title: 'The width may be negative' }),
    ],
    said: [{ path: 'src/area.js', line: 11, side: 'RIGHT', text, author: 'linter[bot]' }],
  })

  expect(placements(findings)).toEqual(['inline', 'held-back'])
  expect(findings[1]).toMatchObject({ placement: { reason: wording.heldBack.said('linter[bot]') } })
})

test('without a model what the checks found is all, and nobody is asked to verify it', async () => {
  const { called, examined, findings } = await find({
    model: 'none',
    found: [problem({ reviewer: 'checks:leftovers' })],
  })

  expect(called).toEqual(['readSaid', 'keepParsing'])
  expect(placements(findings)).toEqual(['inline'])
  expect(examined).toMatchObject({ summary: wording.reason.checksOnly, leftOut: [{ path: wording.files.reviewers }] })
})

test('what others have said is read last, and only what is chosen is tried on the files', async () => {
  const { called } = await find({ answered: [problem()] })

  expect(called).toEqual(['examine', 'verify', 'readSaid', 'keepParsing'])
})
