import { expect, test } from 'vitest'
import { readAnswer } from '../../../src/agent/answer.ts'
import { checkModels } from '../../../src/agent/doctor.ts'
import { createMockModel } from '../../../src/agent/models/mock-model.ts'
import { showFile, textOfFile } from '../../../src/agent/shown-file.ts'
import { readSampleFiles } from '../../../src/demo/sample.ts'
import { parseFilePatch } from '../../../src/review/diff.ts'
import type { ChangedFile } from '../../../src/review/pull-request.ts'
import { placeFindings } from '../../../src/review/place.ts'

function added(path: string, ...lines: string[]): ChangedFile {
  const patch = [`@@ -0,0 +1,${lines.length} @@`, ...lines.map((line) => `+${line}`)].join('\n')
  return { path, status: 'added', additions: lines.length, deletions: 0, patch }
}

/** What the mock model answers when it is shown these files as the prompt shows them. */
async function findingsIn(files: readonly ChangedFile[]) {
  const diff = files.map(showFile).map((file) => ('reason' in file ? '' : textOfFile(file)))
  const content = `The fence of this message is abc123.\n\nBEGIN abc123 diff\n${diff.join('\n')}\nEND abc123\n\n# Reviewer`
  const request = { messages: [{ role: 'user' as const, content }], form: { name: 'review', schema: {} } }
  const { signal } = new AbortController()
  const reply = await createMockModel().complete({ ...request, maxOutputTokens: 1000 }, signal)
  const answer = readAnswer(reply.kind === 'text' ? reply.text : '', ['correctness', 'security'])
  if ('reason' in answer) throw new Error(answer.reason)
  return answer
}

test('a message without a diff gets an answer without findings', async () => {
  const { findings } = await findingsIn([])

  expect(findings).toEqual([])
})

test('every answer says that no model was asked', async () => {
  const { summary } = await findingsIn([added('src/a.ts', 'const a = 1')])

  expect(summary).toMatch(/^This is the mock model: no model was asked/)
})

test.each([
  ['a loop that stops in time', 'for (let i = 0; i < list.length; i++) {'],
  ['a constant statement', 'await db.query("select 1 from orders where id = $1", [id])'],
  ['a call that nobody awaits anywhere', 'log.info("saved")'],
  ['the word in a text', 'const tool = "debugger"'],
  ['an address of this machine', "const url = 'http://localhost:3000/'"],
  ['an address with TLS', "const url = 'https://example.com/'"],
])('%s is no finding', async (_, line) => {
  const { findings } = await findingsIn([added('src/a.ts', line)])

  expect(findings).toEqual([])
})

test('documentation may show bad code', async () => {
  const { findings } = await findingsIn([added('docs/a.md', 'debugger', 'for (let i = 0; i <= list.length; i++) {')])

  expect(findings).toEqual([])
})

test('what was there before is no finding', async () => {
  const patch = '@@ -1,3 +1,3 @@\n debugger\n-debugger\n-const a = 1\n+const a = 2\n+const b = 3'

  const { findings } = await findingsIn([{ path: 'a.ts', status: 'modified', additions: 2, deletions: 2, patch }])

  expect(findings).toEqual([])
})

test.each([
  ['SQL is put together from text', 'const rows = await db.query(`select * from orders where id = ${id}`)'],
  ['SQL is put together from text', 'db.query("delete from orders where id = " + id)'],
  ['Nothing equals NaN', 'if (total === NaN) return 0'],
  ['The address is asked without TLS', "const url = 'http://example.com/rates'"],
])('%s: %s', async (title, line) => {
  const { findings } = await findingsIn([added('src/a.ts', line)])

  expect(findings.map((finding) => finding.title)).toEqual([title])
})

test('the rules find what was planted in the sample, and every quote proves its place', async () => {
  const files = readSampleFiles().map((file): ChangedFile => ({ ...file, path: file.filename, status: 'modified' }))

  const { findings, malformed } = await findingsIn(files)

  const placed = placeFindings(findings, files.map(parseFilePatch))
  expect(placed.map(({ placement, title }) => [title, placement])).toEqual([
    ['deps.orders.save is not waited for', inline('src/orders/checkout.ts', 18)],
    ['A `debugger` statement was left behind', inline('src/orders/checkout.ts', 14)],
    ['The loop runs one step past the end of items', inline('src/orders/total.ts', 11)],
  ])
  expect(malformed).toEqual([])
})

function inline(path: string, line: number): object {
  return expect.objectContaining({ kind: 'inline', anchor: { path, side: 'RIGHT', line } })
}

test('the doctor names the mock model for what it is, and asks no server', async () => {
  const setting = 'OPENAI_MODEL' as const
  const config = { setting, baseUrl: 'http://127.0.0.1:9', apiKey: undefined, model: 'mock', timeoutMs: 1000 }

  const diagnoses = await checkModels(config)

  expect(diagnoses).toMatchObject([{ mark: 'warn', sentence: 'The mock model reviews by fixed rules.' }])
})
