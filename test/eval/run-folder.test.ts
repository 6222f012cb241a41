import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRunFolder, readRun } from '../../src/eval/run-folder.ts'
import { resultOf } from './results.ts'

const settings = { model: 'some-model', verifier: 'some-model', judge: null, contextTokens: null }
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plumbline-run-'))
})

afterEach(() => rm(dir, { recursive: true }))

test('a run does not go on with other models or another judge', () => {
  openRunFolder(dir, settings)

  expect(() => openRunFolder(dir, { ...settings, model: 'other' })).toThrow('holds a run with the model some-model')
  expect(() => openRunFolder(dir, { ...settings, verifier: 'other' })).toThrow('holds a run with the model some-model')
  expect(() => openRunFolder(dir, { ...settings, judge: 'other' })).toThrow('Name another folder with --out')
})

test('a run of before there was a choice was verified by its own model, and goes on', async () => {
  const { verifier: _, ...old } = settings
  await writeFile(join(dir, 'run.json'), JSON.stringify(old))

  openRunFolder(dir, settings)

  expect(readRun(dir).settings).toEqual(settings)
})

test('a folder that holds no run is refused', () => {
  expect(() => readRun(dir)).toThrow(`${dir} holds no run`)
})

test('what is kept is there for the next process, and the report beside it', async () => {
  const folder = openRunFolder(dir, settings)
  folder.keep(resultOf('b'))
  folder.keep(resultOf('a', { status: 'failed', reason: 'away' }))

  const again = openRunFolder(dir, settings)
  const markdown = again.report({ results: [resultOf('b')], unfinished: 1 })

  expect(again.keptOf('a')).toEqual(resultOf('a', { status: 'failed', reason: 'away' }))
  expect(again.keptOf('c')).toBeUndefined()
  expect(readRun(dir).results.map(({ id }) => id)).toEqual(['a', 'b'])
  expect(await readFile(join(dir, 'report.md'), 'utf8')).toBe(markdown)
  expect(JSON.parse(await readFile(join(dir, 'report.json'), 'utf8'))).toMatchObject({
    unfinished: 1,
    figures: { cases: 1 },
  })
})
