import { describe, expect, test } from 'vitest'
import { createAssets, createDashboard } from '../../src/dashboard/dashboard.ts'
import { loginPage } from '../../src/dashboard/login-page.ts'
import { createAccess } from '../../src/http/access.ts'
import { parseReviewFilter } from '../../src/http/review-filter.ts'
import { createWebServer } from '../../src/http/server.ts'
import { createWebApp } from '../../src/http/web-app.ts'
import { statuses } from '../../src/review/outcome.ts'
import { ask, listening } from '../http/listening.ts'
import { createReviewsInMemory, finding, span } from '../http/reviews-in-memory.ts'
import { createKeptLog } from '../support/log.ts'

const now = Date.parse('2026-01-05T10:05:00Z')

async function startDashboard() {
  const reviews = createReviewsInMemory()
  const log = createKeptLog()
  const access = createAccess({ host: '127.0.0.1', publicUrl: undefined, sessions: undefined, log })
  const serverUrl = 'https://github.example.com'
  const pages = createDashboard({ reviews, parseFilter: parseReviewFilter, serverUrl, signedIn: false, now: () => now })
  const app = createWebApp({ access, open: [createAssets()], closed: [pages], log })
  const { port } = await listening(createWebServer({ edge: (_, response) => response.end(), app }))
  return { reviews, get: (path: string) => ask(port, path) }
}

/** What a person reads, without markup and with single spaces. */
function readable(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}

describe('nothing there', () => {
  test('an empty list says how to get the first review', async () => {
    const { get } = await startDashboard()

    const page = await get('/')

    expect(page.status).toBe(200)
    expect(readable(page.text)).toContain('No review yet.')
    expect(readable(page.text)).toContain('npm run plumbline -- review https://github.com/owner/repo/pull/1')
  })

  test('without workers the page says that reviews wait, and how to start one', async () => {
    const { get } = await startDashboard()

    expect(readable((await get('/')).text)).toContain(
      'No worker is running, so reviews wait. Start one with: npm run worker',
    )
  })

  test('a queue that cannot be reached is said', async () => {
    const { get, reviews } = await startDashboard()
    reviews.queueState = { ...reviews.queueState, stream: null }

    expect(readable((await get('/')).text)).toContain('The queue cannot be reached.')
  })

  test('a filter that matches nothing leads back to everything', async () => {
    const { get, reviews } = await startDashboard()
    reviews.add()

    const page = await get('/?status=failed')

    expect(readable(page.text)).toContain('No review matches. Show all')
    expect(page.text).not.toContain('No review yet')
  })

  test('a query that means nothing is 400 with a sentence', async () => {
    const { get } = await startDashboard()

    const page = await get('/?status=<script>')

    expect(page.status).toBe(400)
    expect(readable(page.text)).toContain('"status" is one of queued, running')
  })

  test.each(['/reviews/99', '/reviews/999999999999999999'])('%s is 404 as a page', async (path) => {
    const { get } = await startDashboard()

    const page = await get(path)

    expect(page.status).toBe(404)
    expect(page.text).toContain('There is no review with this number.')
  })

  test.each(['/reviews/0', '/reviews/abc', '/reviews/1%27--', '/reviews/'])('%s is no page', async (path) => {
    const { get } = await startDashboard()

    expect((await get(path)).status).toBe(404)
  })

  test('a review that has only been recorded shows dashes, not nulls', async () => {
    const { get, reviews } = await startDashboard()
    reviews.add()

    const [list, page] = [await get('/'), await get('/reviews/1')]

    expect(readable(list.text + page.text)).not.toMatch(/null|undefined|NaN|\[object/)
    expect(readable(page.text)).toContain('No step has been started.')
    expect(readable(page.text)).toContain('None yet.')
  })
})

describe('the list', () => {
  test('a row shows what happened and how long it took', async () => {
    const { get, reviews } = await startDashboard()
    reviews.add({
      status: 'published',
      verdict: 'comments',
      coverage: 'partial',
      findings: 4,
      tokens: { input: 123_000, output: 2000, cached: 100_000 },
      costUsd: 0.31,
      startedAt: new Date('2026-01-05T10:00:03Z'),
      finishedAt: new Date('2026-01-05T10:01:15Z'),
    })

    const page = await get('/')

    expect(page.text).toContain('href="/reviews/1"')
    expect(page.text).toContain('href="https://github.example.com/octo-org/hello-world/pull/7"')
    expect(readable(page.text)).toContain(
      'Add a greeting octo-org/hello-world#7 by mona hook published comments partial 4 125k $0.31 3.0 s 1 min 12 s 5 min ago',
    )
  })

  test('waiting grows until a review starts, and stops for one that ended without starting', async () => {
    const { get, reviews } = await startDashboard()
    reviews.add({ title: 'waits' })
    reviews.add({ title: 'ended', status: 'superseded', finishedAt: new Date('2026-01-05T10:00:20Z') })

    const text = readable((await get('/')).text)

    expect(text).toMatch(/ended .* superseded – – 0 0 – 20 s – 5 min ago/)
    expect(text).toMatch(/waits .* queued – – 0 0 – 5 min 0 s – 5 min ago/)
  })

  test('workers and what waits stand above', async () => {
    const { get, reviews } = await startDashboard()
    const worker = { slots: 4, startedAt: new Date(now), loopTurnedAt: new Date(now) }
    const workers = [
      { name: 'a', ...worker },
      { name: 'b', ...worker },
    ]
    reviews.queueState = { ...reviews.queueState, waiting: 3, failed: 1, workers }

    expect(readable((await get('/')).text)).toContain('3 waiting · 2 workers with 8 slots · 1 failed')
  })

  test('every status is a filter, and the chosen one is marked', async () => {
    const { get } = await startDashboard()

    const page = await get('/?status=failed&repo=octo-org/hello-world')

    for (const status of statuses)
      expect(page.text).toContain(`href="/?status=${status}&amp;repo=octo-org%2Fhello-world"`)
    expect(page.text.match(/<a [^>]*aria-current="page"[^>]*>([^<]*)/)?.[1]).toBe('failed')
  })

  test('older pages keep the filter, and there is a way back', async () => {
    const { get, reviews } = await startDashboard()
    for (let number = 1; number <= 60; number++) reviews.add({ number, title: `number ${number}.`, status: 'failed' })

    const first = await get('/?status=failed')
    const second = await get('/?status=failed&cursor=11')

    expect(first.text).toContain('href="/?status=failed&amp;cursor=11"')
    expect(first.text).toContain('number 60.')
    expect(first.text).not.toContain('number 10.')
    expect(second.text).toContain('number 10.')
    expect(second.text).toContain('>Newest</a>')
    expect(second.text).not.toContain('>Older</a>')
  })
})

describe('one review', () => {
  test('shows facts, findings with their places, files not read, and steps', async () => {
    const { get, reviews } = await startDashboard()
    const tokens = { input: 9000, output: 500, cached: 8000 }
    reviews.add(
      {
        status: 'published',
        verdict: 'blocking',
        coverage: 'partial',
        summary: 'Adds a greeting.',
        filesRead: 1,
        leftOut: [
          { kind: 'noise', path: 'yarn.lock', reason: 'a lock file' },
          { kind: 'unread', path: 'big.ts', reason: 'too large' },
        ],
        githubReviewId: 80,
        tokens,
        costUsd: 0.123,
        worker: 'worker-2',
      },
      {
        findings: [
          finding({ startLine: 10, suggestion: 'return name' }),
          finding({
            side: 'LEFT',
            title: 'Removed too much',
            placement: { kind: 'body', reason: 'its line is not in the diff' },
          }),
        ],
        spans: [span({ key: 'review', epoch: 2, served: 1, tokens, error: 'the model hung up', status: 'failed' })],
      },
    )

    const page = await get('/reviews/1')
    const text = readable(page.text)

    expect(text).toContain('Adds a greeting.')
    expect(text).toContain('Coverage partial, 1 file read')
    expect(text).toContain('Tokens 9000 in (8000 cached), 500 out Cost $0.12 Worker worker-2')
    expect(page.text).toContain('href="https://github.example.com/octo-org/hello-world/pull/7#pullrequestreview-80"')
    expect(page.text).toContain(`/octo-org/hello-world/blob/${'a'.repeat(40)}/src/greeting.ts#L12"`)
    expect(text).toContain(
      'src/greeting.ts:10-12 correctness high The name is never read It greets nobody. Suggested change return name',
    )
    expect(text).toContain(
      "src/greeting.ts:12 (removed) correctness in the review's text: its line is not in the diff high Removed too much",
    )
    expect(text).toContain('Not read big.ts too large Left out on purpose yarn.lock a lock file')
    expect(text).toContain('Attempt 1 worker-1 · epoch 2 · 1.0 s review the model hung up failed 1.0 s 9500 – 1 ×')
  })

  test('shows why findings were believed, and apart from them what was held back', async () => {
    const { get, reviews } = await startDashboard()
    const evidence = [
      { path: 'src/pay.ts', first: 3, last: 9 },
      { path: 'src/b.ts', first: 4, last: 4 },
    ]
    reviews.add(
      { status: 'published', coverage: 'full' },
      {
        findings: [
          finding({ verification: { verdict: 'confirmed', reason: 'Nobody reads it.', evidence } }),
          finding({ title: 'One more', placement: { kind: 'listed' } }),
          finding({
            title: 'Was wrong',
            placement: { kind: 'held-back', reason: 'It is read.' },
            verification: { verdict: 'refuted', reason: 'It is read in b.', evidence: [] },
          }),
        ],
      },
    )

    const page = await get('/reviews/1')
    const [published = '', heldBack = ''] = readable(page.text).split('Held back (1)')

    expect(published).toContain('2 findings')
    expect(published).toContain(
      'The name is never read It greets nobody. Confirmed. Nobody reads it. Read for it: src/pay.ts:3-9 src/b.ts:4',
    )
    expect(published).toContain("in the review's list: small, or past the cap on comments high One more")
    expect(published).not.toContain('Was wrong')
    expect(heldBack).toContain('held back: It is read. high Was wrong It greets nobody. Refuted. It is read in b.')
    expect(page.text).toContain(`/octo-org/hello-world/blob/${'a'.repeat(40)}/src/pay.ts#L3"`)
  })

  test('reason and error stand at the top', async () => {
    const { get, reviews } = await startDashboard()
    const notBefore = new Date(now + 39_500)
    reviews.add({
      status: 'retrying',
      reason: 'GitHub asked to wait.',
      error: 'read the change: 502',
      attempts: 2,
      notBefore,
    })

    const text = readable((await get('/reviews/1')).text)

    expect(text).toContain('retrying GitHub asked to wait. read the change: 502')
    expect(text).toContain('Next try in 40 s Errors so far 2')
  })

  test.each([
    ['full', 'published', 'None. Every file that should be read was, and nothing was worth saying.'],
    ['partial', 'published', 'None in the files that were read.'],
    ['none', 'failed', 'None: no file was read.'],
    [null, 'skipped', 'None: no file was read.'],
  ] as const)('no findings with coverage %s never sounds better than it is', async (coverage, status, sentence) => {
    const { get, reviews } = await startDashboard()
    reviews.add({ coverage, status })

    expect(readable((await get('/reviews/1')).text)).toContain(sentence)
  })
})

/** The only one. */
const ourScript = '<script src="/assets/live.js" defer>'

const hostile = [
  '[x](javascript:alert(1))',
  '![x](https://evil.example/x.png)',
  '<https://evil.example/>',
  '[x]: //evil.example "x" [x]',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'><svg onload=alert(1)>",
  '</title></textarea></pre><script>alert(1)</script>',
  '<a href="javascript:alert(1)">x</a>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '<!--<script>-->alert(1)',
  '" onmouseover="alert(1)" x="',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<style>@import "//evil.example"</style><base href="//evil.example">',
]

test.each(hostile)('%s in every text of a review stays text', async (text) => {
  const { get, reviews } = await startDashboard()
  const values = { title: text, author: text, reason: text, error: text, summary: text, worker: text, baseRef: text }
  reviews.add(
    { ...values, owner: text, repo: text, leftOut: [{ kind: 'unread', path: text, reason: text }] },
    {
      findings: [
        finding({
          reviewer: text,
          path: text,
          title: text,
          body: text,
          suggestion: text,
          placement: { kind: 'body', reason: text },
          verification: { verdict: 'none', reason: text, evidence: [{ path: text, first: 1, last: 2 }] },
        }),
      ],
      spans: [span({ key: text, worker: text, error: text })],
    },
  )

  const list = (await get('/')).text
  const page = (await get('/reviews/1')).text
  const login = String(await loginPage({ next: text, problem: text }))

  for (const html of [list, page, login]) {
    expect(readable(html)).toContain(text.replace(/\s+/g, ' '))
    expect(tagsOf(html).filter((tag) => foreignTags.includes(tag))).toEqual([])
    expect(html.match(/<script[^>]*>/g)).toEqual([ourScript])
    expect(html.match(/<svg[^>]*>/g) ?? []).toEqual(html === page ? [expect.stringMatching(/^<svg class="bar" /)] : [])
    expect(html.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\son\w+=/)
    expect(html).not.toMatch(/(href|src)="(?!\/(?!\/)|#content"|https:\/\/github\.example\.com\/)/)
  }
})

const foreignTags = ['img', 'iframe', 'style', 'base', 'textarea']

function tagsOf(html: string): string[] {
  return [...new Set([...html.matchAll(/<\/?([a-zA-Z]+)/g)].map((match) => String(match[1]).toLowerCase()))]
}

test('the style sheet is ours and asks for nothing from elsewhere', async () => {
  const { get } = await startDashboard()

  const sheet = await get('/assets/style.css')

  expect(sheet.headers['content-type']).toBe('text/css; charset=utf-8')
  expect(sheet.text).not.toMatch(/@import|url\(/)
})

test('nothing on a page is inline, as its policy demands', async () => {
  const { get, reviews } = await startDashboard()
  reviews.add({}, { findings: [finding()], spans: [span()] })

  const html = (await get('/')).text + (await get('/reviews/1')).text + String(await loginPage({ next: '/' }))

  expect(html).not.toMatch(/<script(?! src="\/assets\/live\.js" defer><\/script>)|<style|\sstyle=|\son\w+=/)
})
