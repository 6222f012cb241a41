// The cases that ship: whether each is what it says it is.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openCase } from '../../src/cli/local-subject.ts'
import { type EvalCase, type Problem, readCases } from '../../src/eval/eval-case.ts'
import { scoreByPlace } from '../../src/eval/score.ts'
import { parseFilePatch } from '../../src/review/diff.ts'
import { isCommentable } from '../../src/review/place.ts'
import type { ChangedFile } from '../../src/review/pull-request.ts'
import { commentAt, patient } from './results.ts'

const cases = readCases('eval/cases')
const folder = mkdtempSync(join(tmpdir(), 'plumbline-cases-'))

afterAll(() => rmSync(folder, { recursive: true }))

function isInDiff({ line, path }: Problem, files: readonly ChangedFile[]): boolean {
  const diff = parseFilePatch(files.find((file) => file.path === path) ?? { path })
  return !('kind' in diff) && isCommentable({ path, side: 'RIGHT', line }, diff)
}

/** A comment that says what the case says. */
function sayingIt({ line, path, what }: Problem) {
  return commentAt(line, { path, title: what, body: '' })
}

test('there are enough of them, in enough languages, some with nothing wrong', () => {
  const clean = cases.filter(({ problems }) => problems.length === 0)

  expect(cases.length).toBeGreaterThanOrEqual(20)
  expect(clean.length).toBeGreaterThanOrEqual(5)
  expect(new Set(cases.map(({ language }) => language)).size).toBeGreaterThanOrEqual(8)
  expect(new Set(cases.map(({ difficulty }) => difficulty))).toEqual(new Set(['easy', 'medium', 'hard']))
})

test.each(cases.map((one): [string, EvalCase] => [one.id, one]))(
  '%s is a change of its size, and each problem stands on a line of the head that the diff shows',
  async (id, one) => {
    const { change, codebase } = await openCase(one, { env: process.env, folder: join(folder, id) }, patient)

    const changedLines = change.files.reduce((sum, file) => sum + file.additions + file.deletions, 0)
    const texts = await Promise.all(one.problems.map(({ path }) => codebase.readFile(path, 'head', patient)))
    const lines = one.problems.map(({ line }, index) => texts[index]?.split('\n')[line - 1]?.trim())

    expect(change.state).toMatchObject({ title: one.title, body: one.description })
    expect(changedLines).toBeGreaterThanOrEqual(15)
    expect(changedLines).toBeLessThanOrEqual(150)
    expect(change.files.length).toBeLessThanOrEqual(6)
    expect(lines.filter(Boolean)).toHaveLength(one.problems.length)
    expect(one.problems.filter((problem) => !isInDiff(problem, change.files))).toEqual([])
  },
)

test.each(cases.flatMap(({ id, problems }) => problems.map((problem): [string, Problem] => [id, problem])))(
  'the words of %s are found in what the case itself says of the problem',
  (_, problem) => {
    const [judged] = scoreByPlace([problem], [sayingIt(problem)])

    expect(problem.words).not.toEqual([])
    expect(judged?.foundBy).toBe(0)
  },
)
