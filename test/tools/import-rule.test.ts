import { expect, test } from 'vitest'
import { importMistakes } from '../../tools/import-rule.ts'

const mistakesOf = (path: string, text: string): string[] => importMistakes([{ path, text }])

test('the domain may not import another folder, not even another pure one', () => {
  const mistakes = mistakesOf('review/diff.ts', "import { createRedisQueue } from '../queue/redis-queue.ts'\n")

  expect(mistakes).toEqual([expect.stringContaining('review/ may not import queue/redis-queue.ts')])
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

test('each outside thing has one folder that knows it', () => {
  const octokit = mistakesOf('jobs/publish.ts', "import { Octokit } from '@octokit/core'\n")
  const pg = mistakesOf('http/api.ts', "import pg from 'pg'\n")

  expect(octokit).toEqual([expect.stringContaining('belongs to github/')])
  expect(pg).toEqual([expect.stringContaining('belongs to store/')])
})

test('an import over several lines and a dynamic one are seen', () => {
  const lines = mistakesOf('review/a.ts', "import {\n  one,\n  two,\n} from '../store/a.ts'\n")
  const dynamic = mistakesOf('review/a.ts', "const a = await import('../store/a.ts')\n")

  expect([lines, dynamic].map((mistakes) => mistakes.length)).toEqual([1, 1])
})

test('only config.ts reads the environment, and the queue has no clock of its own', () => {
  const environment = mistakesOf('http/api.ts', 'const port = process.env.PORT\n')
  const config = mistakesOf('config.ts', 'const port = process.env.PORT\n')
  const clock = mistakesOf('queue/consumer.ts', 'const now = Date.now()\n')

  expect(environment).toHaveLength(1)
  expect(config).toEqual([])
  expect(clock).toEqual([expect.stringContaining('Date.now( is not called here')])
})

test('an import without .ts, or of an index, is refused', () => {
  const bare = mistakesOf('review/a.ts', "import { b } from './b'\n")
  const index = mistakesOf('review/a.ts', "import { b } from './index.ts'\n")

  expect([bare, index].map((mistakes) => mistakes.length)).toEqual([1, 1])
})
