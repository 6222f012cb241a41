// GitHub's lists, read over HTTP; the record in Postgres.
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { createOpenPulls } from '../../../src/github/app/open-pulls.ts'
import { createGitHub } from '../../../src/github/client.ts'
import { toHook } from '../../../src/github/hooks.ts'
import { catchUp } from '../../../src/jobs/sweeps/catch-up.ts'
import { createIntake } from '../../../src/store/intake.ts'
import { createCatchUpStore } from '../../../src/store/sweeps/catch-up.ts'
import { lookAtQueue } from '../../../src/store/watch/queue-look.ts'
import { allRows, leaseMs, openTestStore } from '../../store/store.ts'
import { startGitHub } from '../../support/github/github.ts'
import type { PullRequest } from '../../support/github/world/pull-request.ts'
import type { PullRequestOptions, Repository } from '../../support/github/world/repository.ts'
import { createKeptLog } from '../../support/log.ts'

const db = await openTestStore()
const signal = new AbortController().signal
const hour = 3_600_000
const github = await startGitHub()
let repository: Repository
let requestsBefore = 0

/** On an account of its own: nobody else has installed the App any more. */
beforeEach(async () => {
  for (const installation of github.world.installations) installation.removed = true
  repository = await github.createRepository({ owner: `owner-${github.world.repositories.length}` })
  github.hourlyLimit = 1_000_000
  requestsBefore = github.requests.length
})

afterEach(() => {
  github.faults.clear()
  expect(github.violations).toEqual([])
})

afterAll(() => github.close())

const createNeighbour = (): Promise<Repository> => github.createRepository({ owner: repository.owner.login })

/** One turn, ten minutes from now: what is there is settled. */
function turn({ catchupHours = 72, part = 1, later = 0.17, until = signal } = {}) {
  const { id: appId, privateKey } = github.app
  const client = createGitHub({ appId, privateKey, apiUrl: github.url, log: createKeptLog() })
  const now = () => Date.now() + later * hour
  return catchUp({ ...createOpenPulls(client, part), store: createCatchUpStore(db), catchupHours, now }, until)
}

/** A pull request of which the head is so old; what else happens to it happens now. */
async function open(options: PullRequestOptions = {}, hoursAgo = 0, of = repository): Promise<PullRequest> {
  const pull = await of.openPullRequest({ files: { 'a.ts': `// ${randomUUID()}\n` }, ...options })
  const at = new Date(Date.now() - hoursAgo * hour)
  Object.assign(of.history.find(pull.headSha) ?? {}, { committedAt: at })
  pull.createdAt = at
  return pull
}

/** What the delivery of such an event records. */
async function deliver(pull: PullRequest, action = 'opened'): Promise<string> {
  const hook = toHook({ id: randomUUID(), name: 'pull_request', payload: github.payloadFor(pull, action) })
  if (hook.kind === 'ignored') throw new Error(hook.reason)
  return (await createIntake(db).recordHook(hook)).kind
}

const recorded = async () => (await allRows(db)).map(({ head_sha, trigger }) => [trigger, head_sha])
const listed = async () => (await lookAtQueue(db, leaseMs)).unreviewed.map((one) => one.number).toSorted()
const asked = (path: RegExp) => github.requests.slice(requestsBefore).filter((one) => path.test(one.path))

test('what was there before the App was is listed and not reviewed, also when somebody comments on it', async () => {
  const { installation } = repository
  await open({ title: 'Long ago' }, 5)
  Object.assign(installation ?? {}, { createdAt: new Date(Date.now() - 2 * hour) })

  const did = await turn()

  expect(did).toEqual({ repositories: 1, recorded: 0, listed: 1 })
  expect([await recorded(), await listed()]).toEqual([[], [1]])
})

test('a head older than the hours of catching up is listed, with 0 hours every one', async () => {
  await open({}, 73)
  const young = await open({}, 71)

  await turn()
  const [first, list] = [await recorded(), await listed()]
  await db.query('delete from reviews; delete from repositories')
  await turn({ catchupHours: 0 })

  expect([first, list]).toEqual([[['catch-up', young.headSha]], [1]])
  expect([await recorded(), await listed()]).toEqual([[], [1, 2]])
})

test('an old pull request with a new head is reviewed', async () => {
  const pull = await open({}, 1000)
  await pull.push({ 'b.ts': '// new\n' })

  await turn()

  expect(await recorded()).toEqual([['catch-up', pull.headSha]])
})

test.each([
  ['a draft', { draft: true }],
  ['of Dependabot', { author: 'dependabot[bot]' }],
  ['of Renovate', { author: 'renovate[bot]' }],
  ['of ourselves', { author: 'plumbline[bot]' }],
])('what is %s is neither reviewed nor listed, as when a delivery tells of it', async (_, options) => {
  await open(options)
  await open(options, 1000)

  await turn()

  expect([await recorded(), await listed()]).toEqual([[], []])
})

test('what was closed, and what a push of the last minutes brought, is left alone', async () => {
  const closed = await open()
  closed.change({ state: 'closed' })
  const pushed = await open()

  await turn({ later: 0 })
  const tooSoon = await recorded()
  await turn()

  expect([tooSoon, await recorded()]).toEqual([[], [['catch-up', pushed.headSha]]])
})

test.each(['queued', 'published', 'skipped', 'cancelled', 'failed'])(
  'a head whose review is %s is known, and is neither recorded again nor listed',
  async (status) => {
    await deliver(await open())
    await db.query('update reviews set status = $1, finished_at = now()', [status])

    const did = await turn()

    expect(did).toMatchObject({ recorded: 0, listed: 0 })
    expect(await allRows(db)).toHaveLength(1)
  },
)

test('a head that was taken for superseded, and is the head all the same, is recorded', async () => {
  await deliver(await open())
  await db.query(`update reviews set status = 'superseded', finished_at = now()`)

  const did = await turn()

  expect(did).toMatchObject({ recorded: 1, listed: 0 })
  expect((await allRows(db)).map((row) => row.status)).toEqual(['superseded', 'queued'])
})

test('the delivery that comes later adds nothing, and neither does the next turn', async () => {
  const pull = await open()
  await turn()

  const late = await deliver(pull)
  await db.query('update repositories set etag = null')
  const again = await turn()

  expect([late, again]).toEqual(['known', { repositories: 1, recorded: 0, listed: 0 }])
  expect(await recorded()).toEqual([['catch-up', pull.headSha]])
})

test('a delivery of a newer head while the list is on its way wins', async () => {
  const pull = await open()
  const former = pull.headSha
  // Our own login is asked for once the list is there.
  github.before({ method: 'GET', path: /^\/app$/ }, async () => {
    await pull.push({ 'b.ts': '// newer\n' })
    pull.updatedAt = new Date(Date.now() + 60_000)
    await deliver(pull, 'synchronize')
  })

  await turn()

  expect(former).not.toBe(pull.headSha)
  expect(await recorded()).toEqual([['hook', pull.headSha]])
})

test('two turns at once record each head once', async () => {
  const pulls = [await open(), await open(), await open()]

  await Promise.all([turn(), turn(), turn()])

  expect((await recorded()).map(([, head]) => head).toSorted()).toEqual(pulls.map((one) => one.headSha).toSorted())
})

test('a repository that joins later has only its newer heads reviewed', async () => {
  await turn()
  await db.query(`update repositories set seen_at = now() - interval '10 minutes'`)
  const other = await createNeighbour()
  await open({}, 1, other)
  const fresh = await open({}, 0, other)

  await turn()

  expect([await recorded(), await listed()]).toEqual([[['catch-up', fresh.headSha]], [1]])
})

test('what a suspension cancelled is reviewed once the installation is open again', async () => {
  const { installation } = repository
  const pull = await open()
  await deliver(pull)
  await turn()
  const event = { deliveryId: randomUUID() as never, event: 'installation', action: 'suspend' }
  const scope = { installationId: installation?.id ?? 0 }
  await createIntake(db).recordHook({ ...event, kind: 'pause', scope, reason: 'It was suspended.' })
  Object.assign(installation ?? {}, { suspended: true })

  const during = await turn()
  Object.assign(installation ?? {}, { suspended: false })
  await turn()
  await turn()

  expect(during).toEqual({ repositories: 0, recorded: 0, listed: 0 })
  expect((await allRows(db)).map(({ status, trigger }) => [status, trigger])).toEqual([
    ['cancelled', 'hook'],
    ['queued', 'catch-up'],
  ])
})

test('an archived repository, and one that is gone, is not looked at, and what was listed of it goes', async () => {
  await open({}, 1000)
  const other = await createNeighbour()
  await open({}, 1000, other)
  await turn()
  const before = await listed()
  repository.archived = true
  other.installation = undefined

  const did = await turn()

  expect([before, did, await listed()]).toEqual([[1, 1], { repositories: 0, recorded: 0, listed: 0 }, []])
})

test('a list that is as it was is not read again, and one that changed is', async () => {
  await open({}, 1000)
  await turn()
  const unchanged = await turn()
  const pull = await open()
  const changed = await turn()

  expect([unchanged, changed]).toEqual([
    { repositories: 0, recorded: 0, listed: 0 },
    { repositories: 1, recorded: 1, listed: 1 },
  ])
  expect(asked(/\/pulls\?/).map((one) => one.status)).toEqual([200, 304, 200])
  expect(await recorded()).toEqual([['catch-up', pull.headSha]])
})

test('a turn stops at its share of the requests, and the next one goes on with the others', async () => {
  const names = ['b', 'c', 'd', 'e', 'f']
  for (const of of [
    repository,
    ...(await Promise.all(names.map((name) => github.createRepository({ name, owner: repository.owner.login })))),
  ])
    await open({}, 0, of)
  github.hourlyLimit = 10_000

  // Five: the token, the list of repositories, and three times pull requests.
  const first = await turn({ part: 0.0005 })
  const used = asked(/\/(pulls\?|installation\/rep)/).length
  const second = await turn({ part: 0.0005 })

  expect(used).toBe(4)
  expect([first, second]).toMatchObject([{ repositories: 3 }, { repositories: 3 }])
  expect(await recorded()).toHaveLength(6)
})

test('when half of the requests of the hour are used, reviews need the rest', async () => {
  await open()
  github.hourlyLimit = github.requests.length + 10

  await turn()
  await turn()

  expect(await recorded()).toEqual([])
})

test('when GitHub asks to wait, or one installation cannot be read, the others are looked at', async () => {
  const other = await github.createRepository({ owner: 'octo-org' })
  const third = await github.createRepository({ owner: 'hubot' })
  await open()
  const pull = await open({}, 0, other)
  const last = await open({}, 0, third)
  github.faults.add({ kind: '502', method: 'GET', path: new RegExp(`/repos/${repository.fullName}/pulls`), times: 9 })

  await expect(turn()).rejects.toThrow('502')

  expect((await recorded()).map(([, head]) => head)).toEqual([pull.headSha, last.headSha])
})

test('after a turn that was ended, the next one begins with those that it did not come to', async () => {
  const other = await github.createRepository({ owner: `other-${repository.owner.login}` })
  const third = await github.createRepository({ owner: `third-${repository.owner.login}` })
  const ending = new AbortController()
  github.before({ method: 'GET', path: /\/pulls/ }, async () => ending.abort())
  const ended = await turn({ until: ending.signal })
  requestsBefore = github.requests.length

  await turn()

  const order = [other, third, repository].map((one) => expect.stringContaining(`/repos/${one.fullName}/pulls?`))
  expect(ended).toEqual({ repositories: 0, recorded: 0, listed: 0 })
  expect(asked(/\/pulls\?/).map((one) => one.path)).toEqual(order)
})

test('a repository whose list always fails keeps no other one of its installation waiting', async () => {
  const other = await createNeighbour()
  await open()
  const pull = await open({}, 0, other)
  github.faults.add({ kind: '502', method: 'GET', path: new RegExp(`/repos/${repository.fullName}/pulls`), times: 9 })

  await expect(turn()).rejects.toThrow('502')
  await turn().catch(() => undefined)

  expect(await recorded()).toEqual([['catch-up', pull.headSha]])
})

test('an App that nobody installed has nothing to look at', async () => {
  Object.assign(repository.installation ?? {}, { removed: true })

  expect(await turn()).toEqual({ repositories: 0, recorded: 0, listed: 0 })
})
