// Two models over real HTTP: one finds, the other tries to refute.
import { expect, onTestFinished, test } from 'vitest'
import { createFinder } from '../../src/agent/finder.ts'
import { createOpenAIModel } from '../../src/agent/models/openai-model.ts'
import type { Journal, StepResult } from '../../src/jobs/ports.ts'
import { placeFindings } from '../../src/review/place.ts'
import { parseFilePatch } from '../../src/review/diff.ts'
import { type ModelStandIn, startModel } from '../support/model/model.ts'
import { findingTitle, reviewFirstAddedLine } from '../support/model/reviewer.ts'
import { areaPatch, changeOf, materialOf, modified } from './changes.ts'

const patient = new AbortController().signal
const files = [modified('src/area.js', areaPatch)]
const material = materialOf(changeOf(files), files)

/** Runs each step, and knows what it took. */
function createPaidJournal(): Journal & { paid: Record<string, number | undefined> } {
  const paid: Record<string, number | undefined> = {}
  return {
    paid,
    async step<T>(key: string, _: unknown, run: () => Promise<StepResult<T>>) {
      const { costUsd, output, tokens } = await run()
      if (tokens) paid[key.replace(/:[0-9a-f]{40}/, '')] = costUsd
      return output
    },
  }
}

async function start(): Promise<ModelStandIn> {
  const server = await startModel(reviewFirstAddedLine)
  onTestFinished(() => server.close())
  return server
}

const modelOf = ({ url }: ModelStandIn, model: string) =>
  createOpenAIModel({ apiKey: 'sk-secret', baseUrl: url, model, timeoutMs: 5_000 })

test('the one that finds is not asked to verify, and each costs its own price', async () => {
  const [first, second] = [await start(), await start()]
  const journal = createPaidJournal()
  const finder = createFinder({
    finder: { model: modelOf(first, 'first'), price: { input: 1, output: 1 } },
    verifier: { model: modelOf(second, 'second'), price: { input: 1000, output: 1000 } },
    journal,
  })

  const { findings } = await finder.examine(material, patient)
  const placed = placeFindings(findings, files.map(parseFilePatch))
  const verified = await finder.verify(material, placed, patient)

  expect(first.requests.map(({ form, model }) => `${model} ${form?.name}`)).toEqual(['first review'])
  expect(second.requests.map(({ form, model }) => `${model} ${form?.name}`)).toEqual(['second verdicts'])
  expect(verified.findings).toMatchObject([{ title: findingTitle, verification: { verdict: 'confirmed' } }])
  const { 'model:review:1:1': review = 0, 'model:verify:1:1': verify = 0 } = journal.paid
  expect(review).toBeGreaterThan(0)
  expect(verify).toBeGreaterThan(100 * review)
})

test('where nothing is known of the price of one, nothing is invented', async () => {
  const server = await start()
  const journal = createPaidJournal()
  const finder = createFinder({
    finder: { model: modelOf(server, 'first'), price: undefined },
    verifier: { model: modelOf(server, 'second'), price: { input: 1, output: 1 } },
    journal,
  })

  const { findings } = await finder.examine(material, patient)
  await finder.verify(material, placeFindings(findings, files.map(parseFilePatch)), patient)

  expect(journal.paid).toEqual({ 'model:review:1:1': undefined, 'model:verify:1:1': expect.any(Number) })
})

test('the verifier that refutes holds back what the other one found', async () => {
  const [first, second] = [await start(), await start()]
  second.play(() => ({
    kind: 'answer',
    json: { verdicts: [{ finding: 1, reason: 'No.', evidence: [], verdict: 'refuted', severity: 'low' }] },
  }))
  const finder = createFinder({
    finder: { model: modelOf(first, 'first'), price: undefined },
    verifier: { model: modelOf(second, 'second'), price: undefined },
    journal: createPaidJournal(),
  })

  const { findings } = await finder.examine(material, patient)
  const verified = await finder.verify(material, placeFindings(findings, files.map(parseFilePatch)), patient)

  expect(verified.findings).toMatchObject([{ placement: { kind: 'held-back' }, verification: { reason: 'No.' } }])
})
