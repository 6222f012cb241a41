import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Plumbline } from './support/plumbline.ts'
import { testDatabaseUrl } from './support/real.ts'
import { startProcess } from './support/processes.ts'

let plumbline: Plumbline
const folder = mkdtempSync(join(tmpdir(), 'plumbline-cli-'))

beforeAll(async () => {
  plumbline = await Plumbline.start(await testDatabaseUrl())
})

afterAll(async () => {
  await plumbline.close()
  rmSync(folder, { recursive: true })
})

// First: it needs the names and ids of GitHub's own examples, which the others' repositories take too.
test('replay of a stored delivery reviews the head that the pull request has now', { timeout: 120_000 }, async () => {
  const web = await plumbline.web()
  await plumbline.worker()
  const hello = { id: 186853002, installationId: 1, defaultBranch: 'master' }
  const repository = await plumbline.github.createRepository({ owner: 'Codertocat', name: 'Hello-World', ...hello })
  const files = { 'src/area.ts': 'export const area = (a: number) => a * a\n' }
  const pull = await repository.openPullRequest({ number: 2, head: 'changes', base: 'master', files })
  const file = 'test/fixtures/deliveries/pull_request.opened.json'

  const replay = startProcess('src/cli.ts', { ...plumbline.env }, ['replay', file, '--url', web.url])

  expect(await replay.ended).toBe(0)
  expect(plumbline.github.reviewsOf(pull)).toHaveLength(1)
  expect(replay.lines.join('\n')).toContain('── src/area.ts:1')
})

test(
  'replay signs a stored delivery, follows the review and prints it as GitHub shows it',
  { timeout: 120_000 },
  async () => {
    const web = await plumbline.web()
    await plumbline.worker()
    const pull = await plumbline.openPullRequest()
    const file = join(folder, 'opened.json')
    writeFileSync(file, JSON.stringify({ event: 'pull_request', payload: plumbline.github.payloadFor(pull, 'opened') }))

    const replay = startProcess('src/cli.ts', { ...plumbline.env }, ['replay', file, '--url', web.url])

    expect(await replay.ended).toBe(0)
    const [review] = plumbline.github.reviewsOf(pull)
    const printed = replay.lines.join('\n')
    expect(printed).toContain('The webhook route answered 202.')
    expect(printed).toContain('Check run: Reviewed: 1 comment (success)')
    expect(printed).toContain(`── src/cart.ts:${review?.comments[0]?.line}`)
    expect(printed).toContain(review?.comments[0]?.body.split('\n')[0])
  },
)

test('replay against a server that is not there says so and what to do', async () => {
  const file = join(folder, 'none.json')
  writeFileSync(file, JSON.stringify({ event: 'pull_request', payload: {} }))

  const replay = startProcess('src/cli.ts', { ...plumbline.env }, ['replay', file, '--url', 'http://127.0.0.1:9'])

  expect(await replay.ended).toBe(1)
  expect(replay.lines.join('\n')).toContain('nothing answers at http://127.0.0.1:9')
})

test('an unknown command prints the help and exits with 2', async () => {
  const cli = startProcess('src/cli.ts', {}, ['reveiw'])

  expect(await cli.ended).toBe(2)
  expect(cli.lines.join('\n')).toContain('There is no command "reveiw"')
})

test('web and worker name everything that is missing, at once, and how to get it', async () => {
  const web = startProcess('src/app.ts', { LEASE_MS: 'soon' })
  const worker = startProcess('src/worker.ts', {})

  expect([await web.ended, await worker.ended]).toEqual([1, 1])
  const said = web.lines.join('\n')
  for (const name of ['APP_ID', 'PRIVATE_KEY', 'WEBHOOK_SECRET', 'DATABASE_URL', 'REDIS_URL', 'LEASE_MS'])
    expect(said).toContain(name)
  expect(worker.lines.join('\n')).toContain('DATABASE_URL')
})

test('a web process that cannot reach Postgres says so and ends', async () => {
  const web = startProcess('src/app.ts', { ...plumbline.env, DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none' })

  expect(await web.ended).toBe(1)
  expect(web.lines.join('\n')).toContain('ECONNREFUSED')
})

test('SIGTERM ends a web process and an idle worker cleanly', async () => {
  const web = await plumbline.web()
  const worker = await plumbline.worker()

  expect([await web.stop(), await worker.stop()]).toEqual([0, 0])
})
