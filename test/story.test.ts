// The whole story on real parts: web and worker as processes of their own, real Redis, real Postgres; GitHub and the model
// are stand-ins over HTTP. What is checked is what a person would see on GitHub, and what Postgres and Redis hold.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { aboutChanges, askedAboutChanges } from './support/model/about-changes.ts'
import { findingTitle } from './support/model/reviewer.ts'
import { Plumbline } from './support/plumbline.ts'
import { testDatabaseUrl } from './support/real.ts'

const folder = mkdtempSync(join(tmpdir(), 'plumbline-prices-'))
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

afterAll(async () => {
  rmSync(folder, { recursive: true })
  await plumbline.close()
})

/** What every review must end as, whatever happened on the way. */
async function expectOneReview(pull: Awaited<ReturnType<Plumbline['openPullRequest']>>): Promise<void> {
  await vi.waitFor(async () => expect((await plumbline.recordsOf(pull))[0]?.status).toBe('published'), patience)
  const reviews = plumbline.github.reviewsOf(pull)
  expect(reviews).toHaveLength(1)
  expect(reviews[0]).toMatchObject({ event: 'COMMENT', commitSha: pull.headSha })
  expect(reviews[0]?.comments.map((comment) => comment.body)).toEqual([expect.stringContaining(findingTitle)])
  expect(await plumbline.commentsOffPatch(pull)).toEqual([])
  expect(plumbline.github.draftsOf(pull)).toEqual([])
  await vi.waitFor(() => expect(plumbline.shownCheckRuns(pull)).toEqual(['completed success']), patience)
  await vi.waitFor(async () => expect(await plumbline.queueDepth()).toEqual({ length: 0, pending: 0 }), patience)
}

const patience = { timeout: 25_000, interval: 50 }

test('a delivery that is sent three times ends as exactly one review', async () => {
  await plumbline.web()
  await plumbline.worker()
  const pull = await plumbline.openPullRequest()

  const answers = await plumbline.sendThrice(pull, 'opened')

  expect(answers).toEqual([202, 202, 202])
  await expectOneReview(pull)
  const [record, ...others] = await plumbline.recordsOf(pull)
  expect(others).toEqual([])
  expect(record).toMatchObject({ status: 'published', coverage: 'full', verdict: 'comments', findings: 1, attempts: 0 })
  expect(record?.spans).toEqual([
    expect.stringMatching(/^change:\w+ finished$/),
    expect.stringMatching(/^checks:\w+ finished$/),
    'model:context finished',
    expect.stringMatching(/^around:\w+:1 finished$/),
    expect.stringMatching(/^model:review:\w+:1:1 finished$/),
    expect.stringMatching(/^around:verify:\w+:1 finished$/),
    expect.stringMatching(/^model:verify:\w+:1:1 finished$/),
  ])
})

test.each([
  { known: ['stand-in'], costs: false },
  { known: ['second'], costs: false },
  { known: ['stand-in', 'second'], costs: true },
])(
  'a review says what it cost only where the prices of both models are known, here of $known',
  async ({ costs, known }) => {
    const prices = join(folder, 'prices.json')
    writeFileSync(
      prices,
      JSON.stringify(Object.fromEntries(known.map((model) => [model, { input: 1000, output: 1000 }]))),
    )
    await plumbline.web()
    await plumbline.worker({ OPENAI_VERIFY_MODEL: 'second', PRICES_FILE: prices })
    const pull = await plumbline.openPullRequest()

    await plumbline.github.send(pull, 'opened')

    await expectOneReview(pull)
    const [row] = await plumbline.query<{ cost: number }>(
      'select cost_usd::float8 as cost from reviews where repository_id = $1',
      [pull.repository.id],
    )
    expect((row?.cost ?? 0) > 0).toBe(costs)
    expect(/\$\d/.test(plumbline.github.reviewsOf(pull)[0]?.body ?? '')).toBe(costs)
  },
)

test('a worker killed before the model call is replaced', async () => {
  await plumbline.web()
  const first = await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  plumbline.github.before({ method: 'GET', path: /\/pulls\/\d+\/files$/ }, () => first.kill9())

  await plumbline.github.send(pull, 'opened')
  await first.ended
  await plumbline.worker()

  await expectOneReview(pull)
})

test('a worker killed during the model call is replaced, and the model is asked again', async () => {
  await plumbline.web()
  const first = await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  const asked = askedAboutChanges(plumbline.model).length
  plumbline.model.play(aboutChanges([{ kind: 'hang' }]))

  await plumbline.github.send(pull, 'opened')
  await vi.waitFor(() => expect(askedAboutChanges(plumbline.model).length).toBe(asked + 1), patience)
  await first.kill9()
  await plumbline.worker()

  await expectOneReview(pull)
  // The one that never came, then one to find and one to verify.
  expect(askedAboutChanges(plumbline.model).length).toBe(asked + 3)
})

test('a worker killed after the model call is replaced, and the model is not asked again', async () => {
  await plumbline.web()
  const first = await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  const asked = askedAboutChanges(plumbline.model).length
  plumbline.github.before({ method: 'POST', path: /\/pulls\/\d+\/reviews$/ }, () => first.kill9())

  await plumbline.github.send(pull, 'opened')
  await first.ended
  await plumbline.worker()

  await expectOneReview(pull)
  // One answer to find, one to verify.
  expect(askedAboutChanges(plumbline.model).length).toBe(asked + 2)
})

test('a worker killed between create and submit leaves a draft that the next one submits', async () => {
  await plumbline.web()
  const first = await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  const asked = askedAboutChanges(plumbline.model).length
  const drafts: number[] = []
  plumbline.github.before({ method: 'POST', path: /\/reviews\/\d+\/events$/ }, async () => {
    drafts.push(...plumbline.github.draftsOf(pull).map((draft) => draft.id))
    await first.kill9()
  })
  plumbline.github.faults.add({ kind: 'drop', method: 'POST', path: /\/reviews\/\d+\/events$/ })

  await plumbline.github.send(pull, 'opened')
  await first.ended
  await plumbline.worker()

  await expectOneReview(pull)
  expect(plumbline.github.reviewsOf(pull).map((review) => review.id)).toEqual(drafts)
  // One answer to find, one to verify.
  expect(askedAboutChanges(plumbline.model).length).toBe(asked + 2)
})

test('a worker paused for longer than its lease posts nothing when it wakes up', async () => {
  await plumbline.web()
  const first = await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  plumbline.github.before({ method: 'POST', path: /\/pulls\/\d+\/reviews$/ }, () => first.pause())
  plumbline.github.faults.add({ kind: 'commit-then-drop', method: 'POST', path: /\/pulls\/\d+\/reviews$/ })

  await plumbline.github.send(pull, 'opened')
  await plumbline.worker()
  await expectOneReview(pull)
  first.resume()

  await first.line(/review let go|review interrupted|"msg":"lease lost/)
  expect(plumbline.github.reviewsOf(pull)).toHaveLength(1)
  expect(plumbline.github.draftsOf(pull)).toEqual([])
})

test('a web process killed after the commit loses nothing: the worker finds the row', async () => {
  const web = await plumbline.web()
  const pull = await plumbline.openPullRequest()
  plumbline.redis.signal('SIGSTOP')

  const delivered = await plumbline.github.send(pull, 'opened')
  await web.kill9()
  plumbline.redis.signal('SIGCONT')
  await plumbline.worker()

  expect(delivered.status).toBe(202)
  await expectOneReview(pull)
})

test('with Redis down, a delivery is accepted, and reviewed when Redis is back', async () => {
  await plumbline.web()
  await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  await plumbline.redis.kill9()

  const delivered = await plumbline.github.send(pull, 'opened')
  await plumbline.redis.restart()

  expect(delivered.status).toBe(202)
  await expectOneReview(pull)
})

test('Redis flushed in the middle of a review: nothing is lost and nothing is doubled', async () => {
  await plumbline.web()
  await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  plumbline.github.before({ method: 'GET', path: /\/pulls\/\d+\/files$/ }, () => plumbline.flushRedis())

  await plumbline.github.send(pull, 'opened')

  await expectOneReview(pull)
})

test('a model that answers nonsense twice is asked again later', async () => {
  await plumbline.web()
  await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  plumbline.model.play(
    aboutChanges([
      { kind: 'text', text: 'I cannot see anything.' },
      { kind: 'text', text: 'Really not.' },
    ]),
  )

  await plumbline.github.send(pull, 'opened')

  await expectOneReview(pull)
  expect((await plumbline.recordsOf(pull))[0]).toMatchObject({ attempts: 1, crashes: 0 })
})

test('a model that asks to wait is asked again when it said, and no attempt is spent', async () => {
  await plumbline.web()
  await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  plumbline.model.play(aboutChanges([{ kind: '429', retryAfter: 1 }]))

  await plumbline.github.send(pull, 'opened')

  await expectOneReview(pull)
  expect((await plumbline.recordsOf(pull))[0]).toMatchObject({ attempts: 0, crashes: 0 })
})

test('a model that does not answer in time is asked again', async () => {
  await plumbline.web()
  await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  plumbline.model.play(aboutChanges([{ kind: 'hang' }]))

  await plumbline.github.send(pull, 'opened')

  await expectOneReview(pull)
  expect((await plumbline.recordsOf(pull))[0]).toMatchObject({ attempts: 1, crashes: 0 })
})

test('a review that GitHub created but answered with 502 is not created twice', async () => {
  await plumbline.web()
  await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  plumbline.github.faults.add({ kind: 'commit-then-502', method: 'POST', path: /\/pulls\/\d+\/reviews$/ })

  await plumbline.github.send(pull, 'opened')

  await expectOneReview(pull)
})

test('a submit whose answer is lost is not repeated', async () => {
  await plumbline.web()
  await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  plumbline.github.faults.add({ kind: 'commit-then-drop', method: 'POST', path: /\/reviews\/\d+\/events$/ })

  await plumbline.github.send(pull, 'opened')

  await expectOneReview(pull)
})

test('when the head moves before the submit, only the new head is reviewed', async () => {
  await plumbline.web()
  await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  const former = pull.headSha
  plumbline.github.before({ method: 'POST', path: /\/pulls\/\d+\/reviews$/ }, () =>
    pull.push({ 'src/tax.ts': 'export const rate = 19\n' }),
  )

  await plumbline.github.send(pull, 'opened')

  await expectOneReview(pull)
  const records = await plumbline.recordsOf(pull)
  expect(records.map((record) => record.status)).toEqual(['published', 'superseded'])
  expect(records[1]?.head_sha).toBe(former)
})

test('twenty pushes at once, delivered in any order, end as one review of the last', async () => {
  await plumbline.web()
  await plumbline.worker()
  const pull = await plumbline.openPullRequest()
  const payloads: object[] = []
  for (let pushed = 1; pushed <= 20; pushed++) {
    await pull.push({ 'src/tax.ts': `export const rate = ${pushed}\n` })
    payloads.push(plumbline.github.payloadFor(pull, 'synchronize'))
  }
  // 7 and 20 have no common factor: every delivery once, neighbours far apart.
  const shuffled = payloads.map((_, index) => payloads[(index * 7 + 3) % 20] ?? {})

  await Promise.all(shuffled.map((payload) => plumbline.github.hooks.send({ event: 'pull_request', payload })))

  await vi.waitFor(async () => expect((await plumbline.recordsOf(pull))[0]?.status).toBe('published'), patience)
  expect(plumbline.github.reviewsOf(pull)).toMatchObject([{ commitSha: pull.headSha }])
  const [last, ...others] = await plumbline.recordsOf(pull)
  expect(last).toMatchObject({ head_sha: pull.headSha })
  expect(others.every((one) => one.status === 'superseded')).toBe(true)
})

test('a delivery that found nobody listening is asked for again by a worker', async () => {
  const away = await plumbline.web()
  const pull = await plumbline.openPullRequest()
  await away.kill9()

  const delivered = await plumbline.github.send(pull, 'opened')
  await plumbline.web()
  // As if the sweep of the tests before were two minutes ago.
  await plumbline.query(`update leader set until = now(), ran_at = now() - interval '2 minutes'`)
  await plumbline.worker()

  expect(delivered.status).toBe(502)
  await expectOneReview(pull)
})

test('a renamed repository is followed, and an uninstalled App keeps nothing', async () => {
  const web = await plumbline.web()
  const pull = await plumbline.openPullRequest()
  const { id, installation, owner } = pull.repository
  await plumbline.github.send(pull, 'opened')
  const send = (event: string, payload: object) => plumbline.github.hooks.send({ event, payload })

  const renamed = await send('repository', {
    action: 'renamed',
    installation: { id: installation?.id },
    repository: { id, name: 'renamed', owner: { login: owner.login } },
  })
  await web.line(/"event":"repository","action":"renamed","kind":"access","reviews":1/)
  const removed = await send('installation', { action: 'deleted', installation: { id: installation?.id } })

  expect([renamed.status, removed.status]).toEqual([202, 202])
  expect(await plumbline.recordsOf(pull)).toEqual([])
})
