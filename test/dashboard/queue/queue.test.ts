import { expect, test } from 'vitest'
import { createQueuePage } from '../../../src/dashboard/queue/queue.ts'
import { createAccess } from '../../../src/http/access.ts'
import type { Changed } from '../../../src/http/reviews-api.ts'
import type { Among } from '../../../src/jobs/requests.ts'
import { createWebServer } from '../../../src/http/server.ts'
import { createWebApp } from '../../../src/http/web-app.ts'
import { type ReviewId, reviewId } from '../../../src/review/ids.ts'
import { ask, listening } from '../../http/listening.ts'
import { createKeptLog } from '../../support/log.ts'
import { looked, now, queued, swept, unreviewed } from './queue-sample.ts'

async function startQueuePage(look = looked([]), answers: Record<string, Changed> = {}) {
  const retried: ReviewId[] = []
  const among: Among[] = []
  const log = createKeptLog()
  const pages = createQueuePage({
    look: async () => look,
    failed: async () => look.reviews.filter((review) => review.place === 'failed').map((review) => review.id),
    async retry(id, which) {
      retried.push(id)
      among.push(which)
      return answers[id] ?? { kind: 'done' }
    },
    serverUrl: 'https://github.example.com',
    signedIn: false,
    now: () => now,
  })
  const access = createAccess({ host: '127.0.0.1', publicUrl: undefined, sessions: undefined, log })
  const { port } = await listening(
    createWebServer({
      edge: (_, response) => response.end(),
      app: createWebApp({ access, open: [], closed: [pages], log }),
    }),
  )
  return {
    retried,
    among,
    get: () => ask(port, '/queue'),
    post: (path: string, headers: Record<string, string> = {}) => ask(port, path, { method: 'POST', headers }),
  }
}

const words = (html: string): string => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
const failed = (id: string) => queued({ place: 'failed', id: reviewId(id), title: `Review ${id}`, total: 2 })
const refused: Changed = { kind: 'refused', reason: 'Another one has the same head.' }

test('a page from elsewhere cannot press a button', async () => {
  const { post, retried } = await startQueuePage(looked([failed('1')]))

  const all = await post('/queue/retry', { 'sec-fetch-site': 'cross-site' })
  const one = await post('/queue/retry/1', { origin: 'https://elsewhere.example.com' })

  expect([all.status, one.status, retried]).toEqual([403, 403, []])
})

test('one that cannot be tried again says why', async () => {
  const { post } = await startQueuePage(looked([failed('1')]), { '1': refused })

  const answer = await post('/queue/retry/1')

  expect(answer.status).toBe(409)
  expect(words(answer.text)).toContain('Another one has the same head.')
})

test('of all, those that stay are counted', async () => {
  const { post, retried } = await startQueuePage(looked([failed('1'), failed('2')]), { '2': refused })

  const answer = await post('/queue/retry')

  expect([answer.status, retried]).toEqual([409, ['1', '2']])
  expect(words(answer.text)).toContain('1 wait again, 1 do not. Another one has the same head.')
})

test('a review that is gone meanwhile says so', async () => {
  const { post } = await startQueuePage(looked([]), { '7': { kind: 'unknown' } })

  expect(words((await post('/queue/retry/7')).text)).toContain('There is no review with this number.')
})

test('after a button the page is read anew', async () => {
  const { among, post, retried } = await startQueuePage(looked([failed('1'), failed('2')]))

  const [one, all] = [await post('/queue/retry/2'), await post('/queue/retry')]

  expect([one, all].map(({ headers, status }) => [status, headers.location])).toEqual([
    [303, '/queue'],
    [303, '/queue'],
  ])
  expect(retried).toEqual(['2', '1', '2'])
  expect(among).toEqual(['alone', 'many', 'many'])
})

test('an empty queue says of each part that it is empty', async () => {
  const { get } = await startQueuePage()

  const text = words((await get()).text)

  for (const part of ['Running', 'Waiting', 'Due later', 'Failed', 'Workers', 'Sweeps', 'Not reviewed'])
    expect(text).toContain(`${part} 0 None.`)
  expect(text).not.toContain('Try all again')
})

test('a running review names its worker, its epoch, its last beat and its lease', async () => {
  const { get } = await startQueuePage(looked([queued({ place: 'running', worker: 'w7', epoch: 3 })]))

  const text = words((await get()).text)

  expect(text).toContain('w7 3 5 min ago 4.0 s ago ends in 26 s')
})

test('one that is due later says when, and why', async () => {
  const look = looked([queued({ place: 'later', notBefore: new Date(now + 40_000), error: 'a 502', attempts: 2 })])
  const { get } = await startQueuePage(look)

  const text = words((await get()).text)

  expect(text).toContain('40 s 2 a 502')
})

test('what a review waits for now comes before an error that it had earlier', async () => {
  const why = { reason: 'the writes of this minute are used up', error: 'a 502' }
  const { get } = await startQueuePage(looked([queued(why), queued({ ...why, place: 'later' })]))

  const text = words((await get()).text)

  expect(text.split('the writes of this minute are used up')).toHaveLength(3)
  expect(text).not.toContain('a 502')
})

test('when more wait than are shown, the page says so', async () => {
  const { get } = await startQueuePage(looked([queued({ total: 80 })]))

  expect(words((await get()).text)).toMatch(/Waiting 80 .* The first 1 are shown\./)
})

test('a running review whose lease is over says since when', async () => {
  const silent = queued({ place: 'running', beatAt: new Date(now - 41_000), leaseUntil: new Date(now - 11_000) })
  const { get } = await startQueuePage(looked([silent, { ...silent, beatAt: null, leaseUntil: null }]))

  expect(words((await get()).text)).toMatch(/41 s ago over for 11 s .* none over /)
})

test('a sweep tells of its last turn, what it did, why it failed and who led it', async () => {
  const good = swept({ name: 'failed deliveries', did: { redelivered: 2, waiting: 0 }, holder: 'w7' })
  const bad = swept({ name: 'forget', error: 'Postgres is slow', mark: new Date(now - 120_000), tookMs: 15_000 })
  const fresh = swept({ name: 'leftover drafts', ranAt: null, tookMs: null })
  const { get } = await startQueuePage({ ...looked([]), sweeps: [good, bad, fresh] })

  const text = words((await get()).text)

  expect(text).toContain('failed deliveries just now 0.3 s 2 redelivered – w7 –')
  expect(text).toMatch(/forget just now 15 s nothing to do Postgres is slow \S+ 2 min ago/)
  expect(text).toMatch(/leftover drafts – – – –/)
})

test('pull requests that nobody reviewed are listed, each with a button that asks for its review', async () => {
  const { get } = await startQueuePage({ ...looked([]), unreviewed: [unreviewed({ total: 80 })] })

  const { text } = await get()

  const url = 'https://github.example.com/octo-org/hello-world/pull/3'
  expect(text).toContain(`<a href="${url}">Add a farewell</a>`)
  expect(text).toMatch(new RegExp(`action="/first-review/url">\\s*<input type="hidden" name="url" value="${url}"`))
  expect(words(text)).toMatch(/Not reviewed 80 .* octo-org\/hello-world#3 octocat 10 days ago .* The first 1/)
})

test('trying all again asks once more, and says how many', async () => {
  const { get } = await startQueuePage(looked([{ ...failed('1'), total: 612 }]))

  const { text } = await get()

  expect(text).toMatch(/<details[^>]*>\s*<summary id="retry-all">Try all again<\/summary>\s*<form/)
  expect(words(text)).toContain('The newest 500 wait again.')
})

test('text of a pull request is text', async () => {
  const { get } = await startQueuePage(looked([queued({ title: '<script>alert(1)</script>', error: '<b>' })]))

  const { text } = await get()

  expect(text).not.toContain('<script>alert')
  expect(text).not.toContain('<b>')
})
