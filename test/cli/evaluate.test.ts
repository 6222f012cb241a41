// `plumbline eval`, as a person types it.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { startModel } from '../support/model/model.ts'
import { type PlumblineProcess, startProcess } from '../support/processes.ts'
import { createLocalRepository, createRoot, writeFiles } from './repositories.ts'

// Each test starts up to three processes, each of which reviews up to two cases.
vi.setConfig({ testTimeout: 60_000 })

let root: string
let cases: string

const unawaited = {
  base: { 'a.js': 'export async function save(db) {\n  await db.write(1)\n}\n' },
  head: { 'a.js': 'export async function save(db) {\n  await db.write(1)\n  db.write(2)\n}\n' },
}
const problem = {
  path: 'a.js',
  line: 3,
  severity: 'high',
  what: 'The second write is not awaited.',
  words: ['waited for'],
}

beforeAll(async () => {
  root = await createRoot()
  cases = join(root, 'cases')
  await addCase('found', { problems: [problem] })
  await addCase(
    'clean',
    { problems: [] },
    { ...unawaited, head: { 'a.js': `${unawaited.base['a.js']}export const a = 1\n` } },
  )
})

afterAll(() => rm(root, { recursive: true }))

async function addCase(id: string, some: object, trees: typeof unawaited = unawaited): Promise<void> {
  await writeFiles(join(cases, id, 'base'), trees.base)
  await writeFiles(join(cases, id, 'head'), trees.head)
  const caseJson = { id, language: 'JavaScript', difficulty: 'easy', title: `Case ${id}`, ...some }
  await writeFile(join(cases, id, 'case.json'), JSON.stringify(caseJson))
}

function start(args: string[], env: Record<string, string> = {}): PlumblineProcess {
  return startProcess('src/cli.ts', { npm_lifecycle_event: 'plumbline', INIT_CWD: root, ...env }, ['eval', ...args])
}

async function evaluate(args: string[], env?: Record<string, string>): Promise<{ code: number | null; text: string }> {
  const cli = start(args, env)
  const code = await cli.ended
  return { code, text: cli.lines.join('\n') }
}

const readJson = async (...path: string[]): Promise<unknown> => JSON.parse(await readFile(join(root, ...path), 'utf8'))

test(
  'a run reviews each case, keeps everything of it, and a second one asks nothing again',
  { timeout: 60_000 },
  async () => {
    const first = await evaluate(['cases', '--model', 'mock', '--out', 'runs/one'])
    const second = await evaluate(['cases', '--model', 'mock', '--out', 'runs/one'])

    expect([first.code, second.code]).toEqual([0, 0])
    expect(first.text).toContain('| known problems found | 1 of 1 (100 %) |')
    expect(first.text).toContain('| comments on clean changes | 0 on 1 |')
    expect(second.text).toContain('found: 1 of 1 problems found, 1 comments (of an earlier run)')
    expect(second.text).not.toMatch(/model:(?:review|verify)/)
    expect((await readdir(join(root, 'runs/one/found'))).toSorted()).toEqual(['journal.jsonl', 'result.json'])
    expect(await readJson('runs/one/report.json')).toMatchObject({ settings: { model: 'mock' }, figures: { found: 1 } })
    // The same on every machine: nothing of this one is in it.
    expect(await readFile(join(root, 'runs/one/found/journal.jsonl'), 'utf8')).not.toContain(root)
  },
)

test('a replay asks no model, scores anew, and names the step that is missing', async () => {
  await evaluate(['cases', '--model', 'mock', '--out', 'runs/recorded'])
  const journal = join(root, 'runs/recorded/clean/journal.jsonl')
  const steps = (await readFile(journal, 'utf8')).split('\n')
  await writeFile(journal, steps.filter((step) => !step.includes('"model:review:')).join('\n'))

  const { code, text } = await evaluate(['cases', '--replay', 'runs/recorded', '--out', 'runs/replayed'])

  expect(code).toBe(1)
  expect(text).toContain('found: 1 of 1 problems found')
  expect(text).toMatch(
    /clean: failed: The step model:review:[0-9a-f]{40}:1:1 cannot be replayed from .*clean\/journal\.jsonl/,
  )
  expect(text).toContain('| clean | JavaScript | easy | **failed** |')
})

test.each([
  ['tells its context', { max_model_len: 32_768 }],
  ['tells no context', {}],
])('a run with a server that %s is replayed without it', async (what, more) => {
  const server = await startModel([], { listed: [{ id: 'stand-in', ...more }] })
  onTestFinished(() => server.close())
  const out = `runs/${what}`
  const env = { OPENAI_BASE_URL: server.url }
  const args = ['cases', '--case', 'found', '--out']

  const recorded = await evaluate([...args, out, '--model', 'stand-in'], env)
  const asked = server.requests.length
  const replayed = await evaluate([...args, `${out} again`, '--replay', out], env)

  expect([recorded.code, replayed.code]).toEqual([0, 0])
  expect(replayed.text).toContain('found: 0 of 1 problems found, 1 comments')
  expect(asked).toBeGreaterThan(0)
  expect(server.requests).toHaveLength(asked)
})

test('another model verifies, by hand here; it is recorded and replayed, and the report names both', async () => {
  const mailbox = join(root, 'verdicts')
  const args = ['cases', '--model', 'mock', '--verify-model', `mailbox:${mailbox}`, '--case', 'found']
  const running = start([...args, '--out', 'runs/verified'])
  await running.line(/0001-verdicts\.request\.md waits for/)
  const refuted = { finding: 1, reason: 'It is.', evidence: [], verdict: 'refuted', severity: 'low' }
  await writeFile(join(mailbox, '0001.answer.json'), JSON.stringify({ verdicts: [refuted] }))

  const code = await running.ended
  const replayed = await evaluate(['cases', '--replay', 'runs/verified', '--case', 'found', '--out', 'runs/verified-2'])
  const other = await evaluate(['cases', '--model', 'mock', '--case', 'found', '--out', 'runs/verified'])

  expect([code, replayed.code, other.code]).toEqual([0, 0, 2])
  expect(replayed.text).toContain('found: 0 of 1 problems found, 0 comments')
  expect(replayed.text).toContain(`# Evaluation with mock, verified by mailbox:${mailbox}`)
  expect(other.text).toContain('Name another folder with --out')
})

test('two runs are compared case by case', async () => {
  await evaluate(['cases', '--model', 'mock', '--out', 'runs/mock'])
  await evaluate(['cases', '--model', 'none', '--out', 'runs/none'])

  const { code, text } = await evaluate(['compare', 'runs/mock', 'runs/none'])

  expect(code).toBe(0)
  expect(text).toContain('| known problems found | 1 of 1 (100 %) | 0 of 1 (0 %) |')
  expect(text).toContain('| found | a.js:3: The second write is not awaited. | found | missed |')
})

test(
  'Ctrl-C writes the report of what has ended, and the same command goes on from there',
  { timeout: 60_000 },
  async () => {
    const mailbox = join(root, 'mail')
    const args = ['cases', '--model', `mailbox:${mailbox}`, '--out', 'runs/stopped', '--concurrency', '1']
    const running = start(args)
    await running.line(/0001-review\.request\.md waits for/)
    await writeFile(join(mailbox, '0001.answer.json'), '{"summary": "It adds a constant.", "findings": []}')
    await running.line(/0002-review\.request\.md waits for/)

    // As it comes through npm: from the terminal, and once more from npm.
    process.kill(running.pid, 'SIGINT')
    const code = await running.stop()
    await writeFile(join(mailbox, '0002.answer.json'), '{"summary": "It writes twice.", "findings": []}')
    const goneOn = await evaluate(args)

    expect(code).toBe(1)
    expect(running.lines.join('\n')).toContain('**Not finished:** 1 cases have not ended.')
    expect(running.lines.join('\n')).toContain('interrupted: the same command with --out runs/stopped goes on')
    expect(goneOn.code).toBe(0)
    expect(goneOn.text).toContain('clean: 0 of 0 problems found, 0 comments (of an earlier run)')
    expect((await readdir(mailbox)).filter((name) => name.endsWith('.request.json'))).toHaveLength(2)
  },
)

test('a judge decides by the cause, is recorded, and is replayed', async () => {
  const mailbox = join(root, 'judge')
  const args = ['cases', '--model', 'mock', '--case', 'found', '--judge', `mailbox:${mailbox}`, '--out', 'runs/judged']
  const running = start(args)
  await running.line(/0001-judgement\.request\.md waits for/)
  await writeFile(
    join(mailbox, '0001.answer.json'),
    '{"answers": [{"why": "It is about another write.", "comment": null}]}',
  )

  const code = await running.ended
  const replayed = await evaluate(['cases', '--replay', 'runs/judged', '--case', 'found', '--out', 'runs/judged-again'])

  expect([code, replayed.code]).toEqual([0, 0])
  expect(replayed.text).toContain('found: 0 of 1 problems found, 1 comments')
  expect(replayed.text).toContain('names the same cause')
  expect(await readFile(join(mailbox, '0001-judgement.request.md'), 'utf8')).toContain(
    'The second write is not awaited.',
  )
})

test('two commits of a repository are a case too, under the title of the case', async () => {
  const repo = await createLocalRepository(root)
  const folder = await writeFiles(join(root, 'elsewhere', 'one'), {
    'case.json': JSON.stringify({
      id: 'one',
      language: 'TypeScript',
      title: 'Of a repository',
      problems: [],
      repo,
      base: 'base',
      head: 'head',
    }),
  })

  const { code, text } = await evaluate([folder, '--model', 'mock', '--out', 'runs/repository'])

  expect(code).toBe(0)
  expect(text).toContain('| comments on clean changes | 2 on 1 |')
  expect(await readJson('runs/repository/one/result.json')).toMatchObject({
    title: 'Of a repository',
    coverage: 'full',
  })
})
