import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Model, ModelReply } from '../../src/agent/model.ts'
import { type LocalMeans, type LocalSubject, reviewLocally } from '../../src/cli/local-story.ts'
import { openRange } from '../../src/cli/local-subject.ts'
import { createMemoryJournal } from '../../src/eval/file-journal.ts'
import { ParkedError, UserError } from '../../src/review/errors.ts'
import { createLocalRepository, createRoot, patient, token } from './repositories.ts'

let root: string
let subject: LocalSubject

beforeAll(async () => {
  root = await createRoot()
  const folder = await createLocalRepository(root)
  subject = await openRange({ folder, range: 'base..head', env: process.env }, patient)
})

afterAll(() => rm(root, { recursive: true }))

const finding = {
  reviewer: 'correctness',
  severity: 'high',
  ...{ path: 'src/b.ts', line: 1, start_line: null, side: 'RIGHT', quote: 'export const b = 2' },
  ...{ title: 'b must be 3', body: 'It is 2.', suggestion: null },
}
const good: ModelReply = {
  kind: 'text',
  text: JSON.stringify({ summary: 'Adds a and b.', findings: [finding] }),
  tokens: { input: 100, output: 20, cached: 0 },
}

/** Of the one finding of `good`. */
const confirmed: ModelReply = {
  kind: 'text',
  text: JSON.stringify({
    verdicts: [
      {
        finding: 1,
        reason: 'It is 2.',
        evidence: [{ path: 'src/b.ts', first_line: 1, last_line: 1 }],
        verdict: 'confirmed',
        severity: 'high',
      },
    ],
  }),
  tokens: { input: 80, output: 10, cached: 0 },
}

interface Trial extends LocalMeans {
  slept: number[]
  /** Everything that the model was shown. */
  shown: string[]
}

/** The model throws, or answers, as the script says, and confirms what it said. Sleeping is over at once. */
function trialOf(...script: (ModelReply | Error)[]): Trial {
  const slept: number[] = []
  const shown: string[] = []
  const model: Model = {
    name: 'scripted',
    async complete({ form, messages }) {
      shown.push(...messages.map(({ content }) => content))
      if (form.name === 'verdicts') return confirmed
      const next = script.shift() ?? new Error('beyond the script')
      if (next instanceof Error) throw next
      return next
    },
  }
  const clock = { monotonicMs: () => 0, sleep: async (ms: number) => void slept.push(ms) }
  const finder = { model, name: model.name, price: undefined }
  const chosen = { finder, verifier: finder }
  return { slept, shown, clock, chosen, journal: createMemoryJournal(), say: () => undefined }
}

test('what the operator has to mend is told at once', async () => {
  const trial = trialOf(new UserError('Set OPENAI_API_KEY.'))

  await expect(reviewLocally(subject, trial, patient)).rejects.toThrow('Set OPENAI_API_KEY.')
  expect(trial.slept).toEqual([])
})

test('other errors are tried again twice, and then told', async () => {
  const trial = trialOf(new Error('away'), new Error('away'), new Error('still away'), good)

  await expect(reviewLocally(subject, trial, patient)).rejects.toThrow('still away')
  expect(trial.slept).toEqual([2_000, 10_000])
})

test('a server that asks to wait is waited for, as often as it asks, and finished steps are not run again', async () => {
  const trial = trialOf(...[1, 2, 3, 4].map((s) => new ParkedError('busy', s * 1000)), good)
  const journal = createMemoryJournal()

  const { outcome } = await reviewLocally(subject, { ...trial, journal }, patient)

  expect(outcome).toEqual({ kind: 'published', delivery: 'shown' })
  expect(trial.slept).toEqual([1000, 2000, 3000, 4000])
  expect(journal.used().map(({ key }) => key.replace(/:[0-9a-f]{40}.*/, ''))).toEqual([
    'change',
    'checks',
    'around',
    'model:review',
    'around:verify',
    'model:verify',
  ])
})

test('an interruption ends the waiting', async () => {
  const controller = new AbortController()
  const trial = trialOf(new ParkedError('busy', 600_000), good)
  const sleep = async (): Promise<void> => controller.abort()

  const review = reviewLocally(subject, { ...trial, clock: { ...trial.clock, sleep } }, controller.signal)

  await expect(review).rejects.toThrow('aborted')
})

test('the story is that of the server: checks, places and coverage; no secret reaches model or files', async () => {
  const trial = trialOf(good)

  const { files, record } = await reviewLocally(subject, trial, patient)

  expect(record).toMatchObject({ summary: 'Adds a and b.', coverage: 'full', verdict: 'blocking', filesRead: 2 })
  expect(record?.findings.map(({ reviewer, placement }) => `${reviewer} ${placement.kind}`)).toEqual([
    'checks:secrets inline',
    'correctness inline',
  ])
  expect(trial.shown.join('\n')).toContain('export const b = 2')
  expect(trial.shown.join('\n') + JSON.stringify(files)).not.toContain(token)
})
