import { expect, test } from 'vitest'
import { runAnalyzer } from '../../src/checks/run-analyzer.ts'
import { told, wholeFile } from './made-up.ts'

const patient = new AbortController().signal
const workflow = '.github/workflows/a.yml'

test('an analyzer answers from its thread', async () => {
  const analyzed = await runAnalyzer({ name: 'leftovers', files: [wholeFile('a.ts', 'debugger')] }, { signal: patient })

  expect(analyzed.kind === 'done' && told(analyzed.findings)).toEqual(['1 A debugger statement was left in'])
})

test('a file that makes the analyzer throw costs this analyzer, and its text is not in the reason', async () => {
  // No text is known that makes it throw, so this is none.
  const unreadable = { ...wholeFile(workflow, 'on: push'), head: { secret: 1 } as never }

  const analyzed = await runAnalyzer({ name: 'workflows', files: [unreadable] }, { signal: patient })

  expect(analyzed).toEqual({ kind: 'failed', reason: 'it failed on a file of this change' })
})

test.each([
  ['lists', `x: ${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ['sequences', `${'- '.repeat(50_000)}a`],
  ['maps', Array.from({ length: 700 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
])('a file that is nested deeper than the stack with %s has an answer', async (_, head) => {
  const text = `permissions: write-all\n${head}`

  const analyzed = await runAnalyzer({ name: 'workflows', files: [wholeFile(workflow, text)] }, { signal: patient })

  expect(analyzed.kind === 'done' && told(analyzed.findings)).toEqual(['1 The workflow’s token may write everything'])
})

test('an analyzer that takes too long is ended', async () => {
  const endless = wholeFile('a.ts', 'const a = 1\n'.repeat(200_000))
  const task = { name: 'syntax' as const, files: Array.from({ length: 50 }, () => endless) }
  const started = performance.now()

  const analyzed = await runAnalyzer(task, { signal: patient, timeoutMs: 500 })

  expect(analyzed).toEqual({ kind: 'failed', reason: 'it took longer than 0.5 s' })
  expect(performance.now() - started).toBeLessThan(5_000)
})

test('a review that is over ends its analyzer', async () => {
  const over = new AbortController()
  const task = { name: 'syntax' as const, files: [wholeFile('a.ts', 'const a = 1\n'.repeat(200_000))] }

  const running = runAnalyzer(task, { signal: over.signal })
  over.abort(new Error('the lease is over'))

  await expect(running).rejects.toThrow('the lease is over')
})
