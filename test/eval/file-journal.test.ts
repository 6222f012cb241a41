import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFileJournal, createMemoryJournal, createReplayJournal } from '../../src/eval/file-journal.ts'
import { PaidForNothing } from '../../src/review/errors.ts'

const tokens = { input: 10, output: 2, cached: 4 }
let dir: string
let file: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plumbline-journal-'))
  file = join(dir, 'deep', 'journal.jsonl')
})

afterEach(() => rm(dir, { recursive: true }))

const answer = async (output: string) => ({ output, tokens, costUsd: 0.1 })

test('a failed step leaves nothing, and is run again', async () => {
  const journal = createFileJournal(file)

  const failed = journal.step('a', 1, () => Promise.reject(new Error('away')))
  await expect(failed).rejects.toThrow('away')

  expect(await readFile(file, 'utf8')).toBe('')
  expect(await journal.step('a', 1, () => answer('later'))).toBe('later')
})

test('what a failed step took is told, though it is not kept', async () => {
  const journal = createFileJournal(file)

  const failed = journal.step('a', 1, () => Promise.reject(new PaidForNothing(new Error('useless'), { tokens })))
  await expect(failed).rejects.toThrow('useless')
  await journal.step('a', 1, () => answer('later'))

  expect(journal.used()).toMatchObject([{ tokens, costUsd: 0.1 }, { tokens }])
  expect((await readFile(file, 'utf8')).match(/\n/g)).toHaveLength(1)
})

test('what a killed process left of its last line is cut off, and the step is run again', async () => {
  await createFileJournal(file).step('a', 1, () => answer('whole'))
  await appendFile(file, '{"key":"b","inputHash":"12')

  const journal = createFileJournal(file)
  const outputs = [await journal.step('a', 1, () => answer('again')), await journal.step('b', 1, () => answer('anew'))]

  expect(outputs).toEqual(['whole', 'anew'])
  expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(2)
})

test('a file that holds something else is refused with the line', async () => {
  await createFileJournal(file).step('a', 1, () => answer('whole'))
  await appendFile(file, 'hello\n')

  expect(() => createFileJournal(file)).toThrow(`line 2 of ${file} is no recorded step`)
})

test('another input is another step', async () => {
  const journal = createMemoryJournal()

  const outputs = [
    await journal.step('a', { n: 1 }, () => answer('one')),
    await journal.step('a', { n: 2 }, () => answer('two')),
  ]

  expect(outputs).toEqual(['one', 'two'])
})

test('a finished step is served to a later process as a copy, and accounted once', async () => {
  await createFileJournal(file).step('a', 1, async () => ({ output: { list: [1] }, tokens, costUsd: 0.1 }))

  const journal = createFileJournal(file)
  const first = await journal.step<{ list: number[] }>('a', 1, () => Promise.reject(new Error('not run')))
  first.list.push(2)
  const second = await journal.step<{ list: number[] }>('a', 1, () => Promise.reject(new Error('not run')))

  expect(second).toEqual({ list: [1] })
  expect(journal.used()).toEqual([{ key: 'a', ms: expect.any(Number), served: true, tokens, costUsd: 0.1 }])
})

test('a replay names the step that was not recorded, and what differs', async () => {
  await createFileJournal(file).step('model:review', 'this prompt', () => answer('recorded'))
  const replay = createReplayJournal(file)

  const served = await replay.step('model:review', 'this prompt', () => answer('asked'))
  const changed = replay.step('model:review', 'another prompt', () => answer('asked'))
  const unknown = replay.step('model:verify', 'this prompt', () => answer('asked'))

  expect(served).toBe('recorded')
  await expect(changed).rejects.toThrow(
    `The step model:review cannot be replayed from ${file}. 1 of that name are recorded`,
  )
  await expect(unknown).rejects.toThrow('The step model:verify cannot be replayed')
  expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(1)
})

test('a recording that is not there cannot be replayed', async () => {
  await writeFile(join(dir, 'other'), '')

  expect(() => createReplayJournal(file)).toThrow(`${file} is not there: nothing of this was recorded`)
})
