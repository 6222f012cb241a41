// `plumbline review main..HEAD`, as a person types it.
import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startScriptedServer } from '../agent/models/scripted-server.ts'
import { startProcess } from '../support/processes.ts'
import { createLocalRepository, createRoot, token } from './repositories.ts'

// Each test starts one to three processes, each of which parses and reads a repository.
vi.setConfig({ testTimeout: 60_000 })

let root: string
let dir: string

beforeAll(async () => {
  root = await createRoot()
  dir = await createLocalRepository(root)
})

afterAll(() => rm(root, { recursive: true }))

interface Ran {
  code: number | null
  /** Standard output and standard error. */
  text: string
}

async function review(args: string[], env: Record<string, string> = {}): Promise<Ran> {
  const cli = startProcess('src/cli.ts', env, ['review', ...args])
  const code = await cli.ended
  return { code, text: cli.lines.join('\n') }
}

/** The lines from the first that begins an object to the last that ends one. */
function jsonIn({ text }: Ran): Record<string, unknown> {
  return JSON.parse(/^\{$[\s\S]*^\}$/m.exec(text)?.[0] ?? '') as Record<string, unknown>
}

test('a range or a folder that is not there exits with 2 and names it', async () => {
  const outside = join(root, 'outside')
  await mkdir(outside)

  const noCommit = await review(['base..nowhere', '--dir', dir, '--model', 'mock'])
  const noRepository = await review(['base..head', '--dir', outside, '--model', 'mock'])

  expect([noCommit.code, noRepository.code]).toEqual([2, 2])
  expect(noCommit.text).toContain('"nowhere"')
  expect(noRepository.text).toContain(`${outside} is not in a git repository`)
})

test('a model that cannot be asked is "not reviewed" in every form, and never "no problems found"', async () => {
  const args = ['base..head', '--dir', dir, '--model', 'some-model']
  const refusal = { status: 401, body: { error: { message: 'wrong key' } } }
  const { baseUrl } = await startScriptedServer(refusal, refusal, refusal)
  const env = { OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: 'k'.repeat(20) }

  const [plain, json, sarif] = await Promise.all([
    review(args, env),
    review([...args, '--json'], env),
    review([...args, '--sarif'], env),
  ])

  expect([plain.code, json.code, sarif.code]).toEqual([1, 1, 1])
  expect(plain.text).toContain('Not reviewed: ')
  expect(plain.text).not.toContain('no problems found')
  expect(jsonIn(json)).toMatchObject({ status: 'failed', coverage: 'none', findings: [] })
  expect(jsonIn(sarif)).toMatchObject({ runs: [{ invocations: [{ executionSuccessful: false }] }] })
})

test('what a refused OPENAI_VERIFY_MODEL should have verified is "not reviewed", and the setting is named', async () => {
  const refusal = { status: 404, body: { error: { message: 'The model other does not exist' } } }
  const { baseUrl } = await startScriptedServer(refusal)
  const env = { OPENAI_BASE_URL: baseUrl, OPENAI_VERIFY_MODEL: 'other' }

  const { code, text } = await review(['base..head', '--dir', dir, '--model', 'mock'], env)

  expect(code).toBe(1)
  expect(text).toContain('Set OPENAI_VERIFY_MODEL to one that it offers')
})

test('--verify-model goes before the setting, and --json names both', async () => {
  const env = { OPENAI_VERIFY_MODEL: 'other' }
  const args = ['base..head', '--dir', dir, '--model', 'none', '--json']

  const checksOnly = await review(args)
  const ran = await review([...args.slice(0, 3), '--model', 'mock', '--verify-model', 'mock', '--json'], env)

  expect(jsonIn(checksOnly)).toMatchObject({ model: 'none', verifier: 'none' })
  expect(jsonIn(ran)).toMatchObject({ model: 'mock', verifier: 'mock', usage: { requests: 2 } })
})

test('--model none says that only the checks looked, and --fail-on incomplete makes that a failure', async () => {
  const args = ['base..head', '--dir', dir, '--model', 'none']

  const shown = await review(args)
  const strict = await review([...args, '--fail-on', 'incomplete'])

  expect([shown.code, strict.code]).toEqual([0, 1])
  expect(shown.text).toContain('No model configured, checks only')
  expect(shown.text).toContain('Not everything was read; --fail-on incomplete makes that a failure.')
})

test('a change that needs no reading is skipped, which is no failure and no clean review', async () => {
  const locked = await createLocalRepository(root, {
    'src/a.ts': 'export {}\n',
    'src/b.ts': 'export {}\n',
    'yarn.lock': 'x\n',
  })

  const { code, text } = await review(['base..head', '--dir', locked, '--model', 'mock'])

  expect(code).toBe(0)
  expect(text).toContain('Skipped: None of the 1 changed file needs reading')
})

test('a review is printed with its code, its steps and what it took, without colour where no terminal is', async () => {
  const { code, text } = await review(['base..head', '--dir', dir, '--model', 'mock'])

  expect(code).toBe(0)
  expect(text).toContain('base..head: 2 files read')
  expect(text).toContain('HIGH  src/a.ts:1  (correctness)\n  Nothing equals NaN\n  1 | export const isEmpty')
  expect(text).toMatch(/model:review:1:1: [\d.]+ s, 0 tokens in, 0 out/)
  // One to find, one to verify.
  expect(text).toMatch(/2 requests, 0 tokens in/)
  expect(text).not.toContain('\u001b[')
  expect(text).not.toContain(token)
})

test('--fail-on exits with 1 at its level and above, and with 0 below it', async () => {
  const high = await createLocalRepository(root, {
    'src/a.ts': 'export const a = NaN === NaN\n',
    'src/b.ts': 'export {}\n',
  })
  const args = ['base..head', '--dir', high, '--model', 'mock', '--fail-on']

  const ran = await Promise.all(['low', 'high', 'critical'].map((level) => review([...args, level])))

  expect(ran.map(({ code }) => code)).toEqual([1, 1, 0])
  expect(ran[2]?.text).toContain('Reviewed: 1 comment')
})

test('--json has everything that was said, and what it took', async () => {
  const ran = await review(['base..head', '--dir', dir, '--model', 'mock', '--json'])

  expect(jsonIn(ran)).toMatchObject({
    range: 'base..head',
    model: 'mock',
    status: 'reviewed',
    coverage: 'full',
    filesRead: 2,
    usage: { requests: 2 },
  })
  expect(jsonIn(ran)['findings']).toContainEqual(
    expect.objectContaining({ title: 'Nothing equals NaN', line: 1, inHead: { startLine: 1, line: 1 } }),
  )
})

test('with a journal the second run asks nothing again, and the file holds no secret', async () => {
  const journal = join(root, 'journals', 'one.jsonl')
  const args = ['base..head', '--dir', dir, '--model', 'mock', '--journal', journal]

  const first = await review(args)
  const second = await review(args)

  expect([first.code, second.code]).toEqual([0, 0])
  expect(first.text).toContain('model:review:1:1 …')
  expect(second.text).toContain('model:review:1:1: from the journal')
  expect(second.text).toContain('model:verify:1:1: from the journal')
  expect(second.text).not.toContain(' …')
  expect(second.text).toContain('Nothing equals NaN')
  expect(await readFile(journal, 'utf8')).not.toContain(token)
})

test('npm starts the command in its own folder: the one where it was typed counts', async () => {
  const env = { npm_lifecycle_event: 'plumbline', INIT_CWD: dir }

  const { code, text } = await review(['base..head', '--model', 'mock'], env)

  expect(code).toBe(0)
  expect(text).toContain('Nothing equals NaN')
})

test('settings of the repository are not obeyed: they would say where code and key are sent', async () => {
  await writeFile(join(dir, '.env'), 'OPENAI_MODEL=theirs\nOPENAI_BASE_URL=http://127.0.0.1:9/v1\n')
  const cli = resolve('src/cli.ts')
  const run = promisify(execFile)(process.execPath, [cli, 'review', 'base..head'], { cwd: dir, env: { PATH: '' } })

  await expect(run).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('No model is set.') })
})

test('Ctrl-C ends a review that waits, says that nothing was reviewed, and exits with 1', async () => {
  const args = ['review', 'base..head', '--dir', dir, '--model', `mailbox:${join(root, 'mail')}`]
  const cli = startProcess('src/cli.ts', {}, args)
  await cli.line(/request\.md waits for .*answer\.json/)

  expect(await cli.stop()).toBe(1)
  expect(cli.lines.join('\n')).toContain('Not reviewed: interrupted')
})
