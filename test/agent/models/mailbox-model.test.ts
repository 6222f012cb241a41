// The model that is whoever answers in a folder.
import { mkdtempSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Model, ModelReply, ModelRequest } from '../../../src/agent/model.ts'
import { createMailboxModel, mailboxFolder } from '../../../src/agent/models/mailbox-model.ts'

const readFileTool = {
  name: 'read_file',
  description: 'Reads a file.',
  parameters: {
    type: 'object',
    properties: { path: { type: 'string' }, first: { type: ['integer', 'null'], description: 'The first line' } },
  },
}
const request: ModelRequest = {
  messages: [
    { role: 'system', content: 'Review.' },
    { role: 'user', content: '# A diff\n+const a = 1' },
  ],
  form: { name: 'review', schema: { type: 'object' } },
  maxOutputTokens: 500,
  tools: [readFileTool],
}
const patient = new AbortController().signal

interface Mailbox {
  dir: string
  model: Model
  /** Resolves when the model has said so often that it waits. */
  waitsFor(times: number): Promise<void>
  /** The paths that it said, page and answer. */
  waiting: string[][]
  file(name: string): string
}

function openMailbox(dir = mkdtempSync(join(tmpdir(), 'mailbox-'))): Mailbox {
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const waiting: string[][] = []
  const model = createMailboxModel({ dir, pollMs: 5, onWaiting: (...paths) => waiting.push(paths) })
  const waitsFor = (times: number) => vi.waitFor(() => expect(waiting).toHaveLength(times), { interval: 5 })
  return { dir, model, waiting, waitsFor, file: (name) => join(dir, name) }
}

async function answered(box: Mailbox, text: string, name = '0001.answer.json'): Promise<ModelReply> {
  const reply = box.model.complete(request, patient)
  await box.waitsFor(1)
  await writeFile(box.file(name), text)
  return reply
}

test('an abort ends the waiting with its reason, and the request can be asked again', async () => {
  const box = openMailbox()
  const abort = new AbortController()

  const reply = box.model.complete(request, abort.signal)
  reply.catch(() => {})
  await box.waitsFor(1)
  abort.abort(new Error('the lease is lost'))

  await expect(reply).rejects.toThrow('the lease is lost')
  await expect(box.model.complete(request, abort.signal)).rejects.toThrow('the lease is lost')
  expect(await readdir(box.dir)).toEqual(['0001-review.request.md', '0001.request.json'])
})

test('a file that is still being written is no answer yet', async () => {
  const box = openMailbox()
  const slow = createMailboxModel({ dir: box.dir, pollMs: 60_000 })
  await writeFile(box.file('0001.request.json'), `${JSON.stringify(request, null, 2)}\n`)
  await writeFile(box.file('0001.answer.json'), '{"summary": "half')
  const abort = new AbortController()

  const reply = slow.complete(request, abort.signal)
  reply.catch(() => {})
  await vi.waitFor(async () => expect(await readdir(box.dir)).toContain('0001-review.request.md'))
  abort.abort(new Error('it still waits'))

  await expect(reply).rejects.toThrow('it still waits')
})

test('an answer that is no JSON counts when the file has not changed for a moment', async () => {
  const box = openMailbox()

  const reply = await answered(box, '{"summary": "cut', '0001.answer.json')

  expect(reply).toMatchObject({ kind: 'text', text: '{"summary": "cut' })
})

test('an answer without a request is not taken for that of a new one', async () => {
  const box = openMailbox()
  await writeFile(box.file('0007.answer.json'), '{"summary": "of another run"}')

  const reply = box.model.complete(request, patient)
  await box.waitsFor(1)
  await writeFile(box.file('0008.answer.json'), '{"summary": "mine"}')

  expect(await reply).toMatchObject({ text: '{"summary": "mine"}' })
})

test('a request that was not written to its end is stepped over', async () => {
  const box = openMailbox()
  await writeFile(box.file('0001.request.json'), '{"messages": [')

  const reply = box.model.complete(request, patient)
  await box.waitsFor(1)
  await writeFile(box.file('0002.answer.json'), '{}')

  expect(await reply).toMatchObject({ kind: 'text' })
})

test('two processes that ask at once get two numbers', async () => {
  const box = openMailbox()
  const other = openMailbox(box.dir)
  const second = { ...request, maxOutputTokens: 501 }

  const replies = [box.model.complete(request, patient), other.model.complete(second, patient)]
  await Promise.all([box.waitsFor(1), other.waitsFor(1)])
  await writeFile(box.file('0001.answer.json'), '{}')
  await writeFile(box.file('0002.answer.json'), '{}')

  expect(await Promise.all(replies)).toHaveLength(2)
  expect([...box.waiting, ...other.waiting].map(([, answer]) => answer).toSorted()).toEqual([
    box.file('0001.answer.json'),
    box.file('0002.answer.json'),
  ])
})

test('a request that was answered before is answered from the folder, by another process too', async () => {
  const box = openMailbox()
  await answered(box, '{"summary": "first"}')
  const later = openMailbox(box.dir)

  const reply = await later.model.complete(request, patient)

  expect(reply).toMatchObject({ text: '{"summary": "first"}' })
  expect(later.waiting).toEqual([])
})

test('calls are calls, with ids of their own', async () => {
  const box = openMailbox()
  const written = { calls: [{ tool: 'read_file', arguments: { path: 'a.ts' } }, { tool: 'read_file' }] }

  const reply = await answered(box, JSON.stringify(written))

  expect(reply).toMatchObject({
    kind: 'calls',
    calls: [
      { id: 'call_2_0', name: 'read_file', arguments: '{"path":"a.ts"}' },
      { id: 'call_2_1', name: 'read_file', arguments: '{}' },
    ],
  })
})

test('the page says how to answer, and shows messages, tools and form', async () => {
  const box = openMailbox()

  const reply = await answered(box, 'Nothing to say.', '0001.answer.md')
  const page = await readFile(box.file('0001-review.request.md'), 'utf8')

  expect(reply).toMatchObject({ kind: 'text', text: 'Nothing to say.', tokens: { input: 63, output: 5, cached: 0 } })
  expect(page).toContain('`0001.answer.json` or `0001.answer.md`')
  expect(page).toContain('{"calls": [')
  expect(page).toContain('\n# A diff\n+const a = 1\n')
  expect(page).toContain(
    '- `read_file`: Reads a file.\n  - `path`: string\n  - `first`: integer or null. The first line\n',
  )
  expect(page).toMatch(/════ The form of the answer: review, at most 500 tokens ════+\n\n\{"type":"object"\}\n$/)
})

test('the next request of a conversation says where the new part begins, and whose results they are', async () => {
  const box = openMailbox()
  const reply = await answered(box, '{"calls": [{"tool": "read_file", "arguments": {"path": "a.ts"}}]}')
  const calls = reply.kind === 'calls' ? reply.calls : []
  const next: ModelRequest = {
    ...request,
    messages: [
      ...request.messages,
      { role: 'assistant', content: '', toolCalls: calls },
      { role: 'tool', callId: calls[0]?.id ?? '', content: '1 const a = 1' },
    ],
  }

  const second = box.model.complete(next, patient)
  await box.waitsFor(2)
  await writeFile(box.file('0002.answer.json'), '{}')
  await second

  const page = await readFile(box.file('0002-review.request.md'), 'utf8')
  expect(page).toContain('Messages 1 to 2 of 4 are those of request 0001')
  expect(page).toContain('{"calls":[{"tool":"read_file","arguments":{"path":"a.ts"}}]}')
  expect(page).toContain('Message 4 of 4: result of read_file {"path":"a.ts"} ════')
})

test('only "mailbox:" and a folder names a mailbox', () => {
  expect(['mailbox:/tmp/a b', 'mailbox:', 'mailbox', 'gpt'].map(mailboxFolder)).toEqual([
    '/tmp/a b',
    undefined,
    undefined,
    undefined,
  ])
})
