// What an operator looks at, after one review on real parts: the metrics and the queue's page of a real web process.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Plumbline } from './support/plumbline.ts'
import { testDatabaseUrl } from './support/real.ts'

let plumbline: Plumbline

beforeAll(async () => {
  plumbline = await Plumbline.start(await testDatabaseUrl())
})

afterAll(() => plumbline.close())

test('metrics and queue tell of a review, of the worker that ran it, and of a queue that answers', async () => {
  const { url } = await plumbline.web()
  await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  const read = async (path: string): Promise<string> => (await fetch(url + path)).text()
  await plumbline.sendThrice(pull, 'opened')
  await vi.waitFor(async () => expect((await plumbline.recordsOf(pull))[0]?.status).toBe('published'), 25_000)

  const [metrics, queue] = [await read('/metrics'), await read('/queue')]

  for (const line of [
    'plumbline_reviews{status="published"} 1',
    'plumbline_workers{state="alive"} 1',
    'plumbline_queue_up 1',
    'plumbline_webhook_answers_total{status="202"} 3',
    // One to find, one to verify; asking the server how long a request may be is not one of them.
    'plumbline_step_seconds_count{kind="model",status="finished"} 2',
    'plumbline_step_seconds_count{kind="context",status="finished"} 1',
  ])
    expect(metrics.split('\n')).toContain(line)
  expect(queue).toContain('Last sign of life')
})
