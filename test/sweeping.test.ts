// What others do to reviews and to workers, on real parts: people cancel, GitHub closes its door and opens it again, and
// deliveries never come. Web and workers are processes of their own.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { gitHubToken } from './checks/made-up.ts'
import { aboutChanges, askedAboutChanges } from './support/model/about-changes.ts'
import type { PullRequest } from './support/github/world/pull-request.ts'
import { Plumbline } from './support/plumbline.ts'
import type { PlumblineProcess } from './support/processes.ts'
import { testDatabaseUrl } from './support/real.ts'

let plumbline: Plumbline

beforeAll(async () => {
  plumbline = await Plumbline.start(await testDatabaseUrl())
})

afterEach(async () => {
  await plumbline.killAll()
  plumbline.github.faults.clear()
  plumbline.model.play([])
  expect(plumbline.github.violations).toEqual([])
})

afterAll(() => plumbline.close())

const patience = { timeout: 25_000, interval: 50 }
const statuses = async (pull: PullRequest) => (await plumbline.recordsOf(pull)).map((one) => one.status)

/** A pull request of some minutes ago, and so is the sweep's last look: it does not wait for its delivery any more. */
async function openSettled(): Promise<PullRequest> {
  const pull = await plumbline.openPullRequest()
  pull.updatedAt = new Date(Date.now() - 300_000)
  await plumbline.query(`update repositories set seen_at = now() - interval '10 minutes'`)
  return pull
}

/** The worker that runs the review, which waits for a model that does not answer. */
async function startHanging(pull: PullRequest, workers: PlumblineProcess[]): Promise<PlumblineProcess> {
  const asked = askedAboutChanges(plumbline.model).length
  plumbline.model.play(aboutChanges([{ kind: 'hang' }]))
  await plumbline.github.send(pull, 'opened')
  await vi.waitFor(() => expect(askedAboutChanges(plumbline.model).length).toBe(asked + 1), patience)
  const [row] = await plumbline.query<{ worker: string }>(`select worker from reviews where status = 'running'`)
  const runs = workers.find(({ pid }) => row?.worker.includes(`-${pid}-`))
  if (!runs) throw new Error(`none of the workers is ${row?.worker}`)
  return runs
}

test('a cancel reaches the one of two workers that runs the review within a beat, and its slot is free again', async () => {
  const { url } = await plumbline.web()
  const slow = { WORKER_CONCURRENCY: '1', OPENAI_TIMEOUT_MS: '60000' }
  const workers = [await plumbline.worker(slow), await plumbline.worker(slow)]
  const pull = await plumbline.openPullRequest()
  const other = await plumbline.openPullRequest()
  const runs = await startHanging(pull, workers)
  const [record] = await plumbline.recordsOf(pull)

  const cancelled = await fetch(`${url}/api/reviews/${record?.id}/cancel`, { method: 'POST' })
  const at = performance.now()
  await runs.line(/"msg":"review let go/)
  const tookMs = performance.now() - at
  await Promise.all(workers.filter((one) => one !== runs).map((one) => one.stop()))
  await plumbline.github.send(other, 'opened')
  await vi.waitFor(async () => expect(await statuses(other)).toEqual(['published']), patience)

  expect(cancelled.status).toBe(202)
  // A beat comes every half second at this lease; the rest is for a busy machine.
  expect(tookMs).toBeLessThan(1500)
  expect(await statuses(pull)).toEqual(['cancelled'])
  expect([...plumbline.github.reviewsOf(pull), ...plumbline.github.draftsOf(pull)]).toEqual([])
})

test('a suspended installation ends what runs, and once it is open again the head is found and reviewed', async () => {
  await plumbline.web()
  const worker = await plumbline.worker({ OPENAI_TIMEOUT_MS: '60000' })
  const pull = await openSettled()
  const { installation } = pull.repository
  await startHanging(pull, [worker])
  const send = (action: string) =>
    plumbline.github.hooks.send({ event: 'installation', payload: { action, installation: { id: installation?.id } } })

  await send('suspend')
  Object.assign(installation ?? {}, { suspended: true })
  await worker.line(/"msg":"review let go/)
  const during = [await statuses(pull), plumbline.github.reviewsOf(pull).length]
  Object.assign(installation ?? {}, { suspended: false })
  await send('unsuspend')
  await plumbline.query('update leader set ran_at = null')

  await vi.waitFor(async () => expect(await statuses(pull)).toEqual(['published', 'cancelled']), patience)
  expect(during).toEqual([['cancelled'], 0])
  expect(plumbline.github.reviewsOf(pull)).toHaveLength(1)
})

test('what waits ends when its repository is archived or taken from the App, goes when it is deleted, and follows a transfer', async () => {
  await plumbline.web()
  const pulls = await Promise.all(
    ['archived', 'removed', 'deleted', 'transferred'].map(() => plumbline.openPullRequest()),
  )
  for (const pull of pulls) await plumbline.github.send(pull, 'opened')
  const [archived, removed, deleted, transferred] = pulls.map(({ repository: { id, name, owner } }) => ({
    id,
    name,
    owner: { login: owner.login },
  }))
  const send = (event: string, payload: object) => plumbline.github.hooks.send({ event, payload })

  const moved = { ...transferred, owner: { login: 'octo-org' } }
  const answers = [
    await send('repository', { action: 'archived', repository: archived }),
    await send('installation_repositories', {
      action: 'removed',
      installation: { id: 1 },
      repositories_removed: [removed],
    }),
    await send('repository', { action: 'deleted', repository: deleted }),
    await send('repository', { action: 'transferred', repository: moved, installation: { id: 4711 } }),
  ]

  expect(answers.map((one) => one.status)).toEqual([202, 202, 202, 202])
  expect(await Promise.all(pulls.map(statuses))).toEqual([['cancelled'], ['cancelled'], [], ['queued']])
  const [followed] = await plumbline.query(
    `select owner, installation_id::int as installation from reviews where repository_id = $1`,
    [moved.id],
  )
  expect(followed).toEqual({ owner: 'octo-org', installation: 4711 })
})

test('a secret in a title stands nowhere on the record, whoever told of it', async () => {
  const { url } = await plumbline.web()
  const [told, asked, found, listed] = [
    await plumbline.openPullRequest(),
    await plumbline.openPullRequest(),
    await plumbline.openPullRequest(),
    await plumbline.openPullRequest(),
  ]
  for (const pull of [told, asked, found, listed]) pull.change({ title: `Remove ${gitHubToken}` })
  found.updatedAt = new Date(Date.now() - 300_000)
  listed.updatedAt = new Date(Date.now() - 30 * 86_400_000)
  await plumbline.query(
    `update leader set ran_at = null; update repositories set seen_at = now() - interval '10 minutes'`,
  )

  await plumbline.github.send(told, 'opened')
  const prUrl = `${plumbline.github.url}/${asked.repository.fullName}/pull/${asked.number}`
  await fetch(`${url}/api/reviews`, { method: 'POST', body: JSON.stringify({ prUrl }) })
  await plumbline.worker()
  await vi.waitFor(async () => expect(await statuses(found)).toEqual(['published']), patience)

  const titles = (table: string, { repository }: PullRequest) =>
    plumbline.query(`select title from ${table} where repository_id = $1`, [repository.id])
  const masked = [{ title: expect.stringMatching(/^Remove █/) }]
  for (const pull of [told, asked, found]) expect(await titles('reviews', pull)).toEqual(masked)
  await vi.waitFor(async () => expect(await titles('unreviewed_pull_requests', listed)).toEqual(masked), patience)
})

test('an open pull request of which no delivery came is reviewed once, also when its delivery comes later', async () => {
  await plumbline.web()
  const pull = await openSettled()
  await plumbline.query('update leader set ran_at = null')
  await plumbline.worker()
  await vi.waitFor(async () => expect(await statuses(pull)).toEqual(['published']), patience)

  const late = await plumbline.github.send(pull, 'opened')

  expect(late.status).toBe(202)
  expect(await plumbline.query('select trigger from reviews where repository_id = $1', [pull.repository.id])).toEqual([
    { trigger: 'catch-up' },
  ])
  expect(plumbline.github.reviewsOf(pull)).toHaveLength(1)
})

test('a worker that is stopped in the middle of a sweep hands the lead to another one at once', async () => {
  await plumbline.query('update leader set ran_at = null, until = now()')
  const never = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  plumbline.github.before({ method: 'GET', path: /hook\/deliveries$/ }, () => {
    reached.resolve()
    return never.promise
  })
  const first = await plumbline.worker()
  await reached.promise
  await plumbline.worker()

  const code = await first.stop()

  const leads = `select ran_at is not null as done from leader where name = 'failed deliveries'`
  await vi.waitFor(async () => expect(await plumbline.query(leads)).toEqual([{ done: true }]), patience)
  expect(code).toBe(0)
  never.resolve()
})
