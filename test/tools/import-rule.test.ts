import { expect, test } from 'vitest'
import { importMistakes, undeclaredPackages } from '../../tools/import-rule.ts'

const mistakesOf = (path: string, text: string): string[] => importMistakes([{ path, text }])

test('the domain may not import another folder, not even another pure one, and is told why', () => {
  const mistakes = mistakesOf('review/diff.ts', "import { createRedisQueue } from '../queue/redis-queue.ts'\n")

  expect(mistakes).toEqual([
    'src/review/diff.ts: review/ may not import queue/redis-queue.ts: ' +
      'the domain and the queue are pure: they can be read, tested and trusted without the rest',
  ])
})

test('a type may come from anywhere, a value beside it may not', () => {
  const types = mistakesOf(
    'jobs/work.ts',
    "import type { Queue } from '../queue/queue.ts'\nimport { type A, type B } from '../store/a.ts'\n",
  )
  const value = mistakesOf('jobs/work.ts', "import { type A, openPostgres } from '../store/database.ts'\n")

  expect(types).toEqual([])
  expect(value).toHaveLength(1)
})

test('the entries join everything; configuration and log are theirs', () => {
  const entry = mistakesOf('app.ts', "import { openPostgres } from './store/database.ts'\n")
  const folder = mistakesOf('http/api.ts', "import { readConfig } from '../config.ts'\n")

  expect(entry).toEqual([])
  expect(folder).toHaveLength(1)
})

test('a folder that nobody has decided about imports nothing of ours', () => {
  const mistakes = mistakesOf('magic/wand.ts', "import { placeFindings } from '../review/place.ts'\n")

  expect(mistakes).toEqual([expect.stringContaining('it has no line in tools/import-rule.ts')])
})

test('an import is seen over several lines, for its effect alone, dynamic, and in an export', () => {
  const forms = [
    "import {\n  one,\n  two,\n} from '../store/a.ts'\n",
    "import '../store/a.ts'\n",
    "const a = await import('../store/a.ts')\n",
    "export { a } from '../store/a.ts'\n",
  ]

  const counts = forms.map((text) => mistakesOf('review/a.ts', text).length)

  expect(counts).toEqual([1, 1, 1, 1])
})

test('an import in a comment is none', () => {
  expect(mistakesOf('review/a.ts', "/*\nimport { a } from '../store/a.ts'\n*/\n")).toEqual([])
})

test('each outside thing has one folder that knows it', () => {
  const octokit = mistakesOf('jobs/publish.ts', "import { Octokit } from '@octokit/core'\n")
  const redis = mistakesOf('store/a.ts', "import { Redis } from 'ioredis/built/cluster'\n")
  const openai = mistakesOf('review/a.ts', "import OpenAI from 'openai'\n")
  const pg = mistakesOf('store/a.ts', "import pg from 'pg'\n")

  expect(octokit).toEqual([expect.stringContaining('belongs to github/')])
  expect([redis.length, openai.length, pg.length]).toEqual([1, 1, 0])
})

test('only config.ts reads the environment', () => {
  const environment = mistakesOf('app.ts', 'const port = process.env.PORT\n')
  const renamed = mistakesOf('http/api.ts', "import { env } from 'node:process'\n")
  const config = mistakesOf('config.ts', 'const port = process.env.PORT\n')

  expect([environment.length, renamed.length, config.length]).toEqual([1, 1, 0])
})

test('the queue and the domain have neither a clock nor chance of their own, nor a disk', () => {
  const forbidden = [
    'const now = Date.now()\n',
    'const now = new Date()\n',
    'setTimeout(() => undefined, 5)\n',
    'const id = randomUUID()\n',
    "import { setTimeout as sleep } from 'node:timers/promises'\n",
    "import { readFileSync } from 'node:fs'\n",
  ]
  const allowed = ["import { createHash } from 'node:crypto'\n", 'const then = new Date(ms)\n']

  expect(forbidden.map((text) => mistakesOf('queue/consumer.ts', text).length)).toEqual([1, 1, 1, 1, 1, 1])
  expect(allowed.flatMap((text) => mistakesOf('review/place.ts', text))).toEqual([])
})

test('an import without .ts, of an index, or of what is outside src is refused', () => {
  const forms = ["import { b } from './b'\n", "import { b } from './b.js'\n", "import { b } from '../../tools/b.ts'\n"]

  const index = mistakesOf('review/index.ts', '')

  expect(forms.map((text) => mistakesOf('review/a.ts', text).length)).toEqual([1, 1, 1])
  expect(index).toEqual([expect.stringContaining("'index' says nothing")])
})

test('a package that only development brings is refused, its types are not', () => {
  const text =
    "import { test } from 'vitest'\nimport type { Ajv } from 'ajv'\nimport { html } from 'hono/html'\nimport 'node:fs'\n"

  const mistakes = undeclaredPackages([{ path: 'http/a.ts', text }], ['hono'])

  expect(mistakes).toEqual([expect.stringContaining("'vitest' is no dependency")])
})
