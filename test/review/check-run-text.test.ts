import { describe, expect, it } from 'vitest'
import { type CheckRunFacts, checkRunText } from '../../src/review/check-run-text.ts'
import { type Status, statuses } from '../../src/review/outcome.ts'
import { dangersIn } from './markdown/rendered.ts'

const unread = { kind: 'unread', path: 'big.ts', reason: 'GitHub gives no patch' } as const
const noise = { kind: 'noise', path: 'yarn.lock', reason: 'lock file' } as const

function textOf(status: Status, facts: Partial<CheckRunFacts> = {}) {
  const none = { reason: undefined, coverage: undefined, findings: 0, filesRead: 0, leftOut: [], summary: '' }
  return checkRunText({ status, ...none, ...facts })
}

describe('a review that ended without reading everything is never green', () => {
  it.each<[string, Partial<CheckRunFacts>, string]>([
    [
      'a file was not read',
      { coverage: 'partial', filesRead: 3, leftOut: [unread] },
      'Partly reviewed: no problems found, 1 file not read',
    ],
    [
      'files were not read',
      { coverage: 'partial', filesRead: 3, findings: 2, leftOut: [unread, noise, { ...unread, path: 'other.ts' }] },
      'Partly reviewed: 2 comments, 2 files not read',
    ],
    [
      'a file was not read for two reasons',
      { coverage: 'partial', filesRead: 3, leftOut: [unread, { ...unread, reason: 'did not fit' }] },
      'Partly reviewed: no problems found, 1 file not read',
    ],
    [
      'GitHub’s list of files ends before',
      { coverage: 'partial', filesRead: 3, leftOut: [unread, { ...unread, path: 'and 3499 more', files: 3499 }] },
      'Partly reviewed: no problems found, 3,500 files not read',
    ],
    [
      'a check could not be run, and a finding got no verdict',
      {
        coverage: 'partial',
        filesRead: 3,
        leftOut: ['the check syntax', 'a part of the answer'].map((path) => ({ ...unread, path, files: 0 })),
      },
      'Partly reviewed: no problems found, not everything was checked',
    ],
    ['nothing was read', { coverage: 'none' }, 'Not reviewed: no file was read'],
    ['nothing is known to have been read', {}, 'Not reviewed: no file was read'],
    ['no file was read, whatever the coverage', { coverage: 'full' }, 'Not reviewed: no file was read'],
  ])('when %s', (_, facts, title) => {
    expect(textOf('published', facts)).toMatchObject({ state: 'completed', conclusion: 'neutral', title })
  })

  it('when it failed', () => {
    const text = textOf('failed', { reason: 'The model did not answer.' })

    expect(text).toEqual({
      state: 'completed',
      conclusion: 'neutral',
      title: 'Not reviewed: the review failed',
      summary: 'The model did not answer.',
    })
  })

  it('in any state but published', () => {
    const others = statuses.filter((status) => status !== 'published')

    const green = others.filter((status) => textOf(status, { coverage: 'full', filesRead: 3 }).conclusion === 'success')

    expect(green).toEqual([])
  })
})

describe('a review that read everything is green', () => {
  const read = { coverage: 'full', filesRead: 3, leftOut: [noise] } as const

  it.each([
    [0, 'Reviewed: no problems found'],
    [1, 'Reviewed: 1 comment'],
    [3, 'Reviewed: 3 comments'],
  ])('with %i findings', (findings, title) => {
    expect(textOf('published', { ...read, findings })).toMatchObject({ conclusion: 'success', title })
  })

  it('and names what it left out', () => {
    const { summary } = textOf('published', { ...read, summary: 'Computes an area.' })

    expect(summary).toMatch(
      /^Computes an area\.\n\n3 files read\.\n\n<details><summary>Left out on purpose \(1\)<\/summary>/,
    )
    expect(summary).toContain('- `yarn.lock`: lock file')
  })
})

it('a summary is cut after three sentences', () => {
  const summary = 'Adds a. Removes b. Moves c. Praises itself.'

  expect(textOf('published', { coverage: 'full', filesRead: 3, summary }).summary).toMatch(
    /^Adds a\. Removes b\. Moves c\.\n\n3 files read\./,
  )
})

describe('a review that did not come to reading says why', () => {
  it.each([
    ['skipped', 'skipped', 'The pull request is a draft.', 'Skipped: The pull request is a draft'],
    ['superseded', 'cancelled', 'A newer commit was pushed.', 'Superseded: A newer commit was pushed'],
    ['cancelled', 'cancelled', 'The pull request is closed.', 'Cancelled: The pull request is closed'],
    ['cancelled', 'cancelled', undefined, 'Cancelled: no reason was recorded'],
  ] as const)('%s', (status, conclusion, reason, title) => {
    expect(textOf(status, { reason })).toMatchObject({ state: 'completed', conclusion, title })
  })
})

describe('a review under way has no conclusion', () => {
  it.each([
    ['queued', undefined, 'queued', 'Waiting for a worker'],
    ['queued', 'GitHub asked to wait', 'queued', 'Waiting: GitHub asked to wait'],
    ['running', undefined, 'in_progress', 'Reviewing'],
    ['retrying', 'The model did not answer.', 'in_progress', 'Interrupted, will be tried again'],
  ] as const)('%s because of %j', (status, reason, state, title) => {
    const text = textOf(status, { reason })

    expect(text).toEqual({ state, title, summary: reason ?? title })
  })
})

describe('whatever a row holds', () => {
  const hostile = '@octocat <img src=x> \u202e[x](https://evil.example)\n# fixes #1 '.repeat(3_000)
  const leftOut = Array.from({ length: 500 }, () => ({ ...unread, path: hostile, reason: hostile }))

  it.each(statuses)('%s is told in texts that GitHub takes, and that do nothing', (status) => {
    const facts = { coverage: 'partial', filesRead: 1, reason: hostile, summary: hostile, leftOut } as const

    const { summary, title } = textOf(status, facts)

    expect(title.length).toBeLessThanOrEqual(255)
    expect(title).toMatch(/^[^\n\u202e]+$/)
    expect(summary.length).toBeLessThan(65_535)
    expect(dangersIn(summary.replace(/<\/?(?:details|summary)>/g, ''))).toEqual([])
  })
})
