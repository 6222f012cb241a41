import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { loginPage } from '../../src/dashboard/login-page.ts'
import { createAccess } from '../../src/http/access.ts'
import { createLogin } from '../../src/http/login.ts'
import { createWebServer } from '../../src/http/server.ts'
import { createSessions } from '../../src/http/session.ts'
import { createWebApp } from '../../src/http/web-app.ts'
import { createKeptLog } from '../support/log.ts'
import { ask, listening } from './listening.ts'

const password = 'correct horse battery staple'
const form = { 'content-type': 'application/x-www-form-urlencoded' }

interface Given {
  password?: string
  secret?: string
  host?: string
  publicUrl?: string
  now?: () => number
}

function createGuarded(given: Given = {}) {
  const now = given.now ?? Date.now
  const publicUrl = given.publicUrl
  const sessions =
    given.password === undefined ? undefined : createSessions({ password: given.password, secret: given.secret, now })
  const log = createKeptLog()
  const access = createAccess({ host: given.host ?? '127.0.0.1', publicUrl, sessions, log })
  const routes = new Hono().get('/page', (c) => c.text('seen')).post('/act', (c) => c.text('done'))
  const open = [createLogin({ sessions, publicUrl, page: loginPage })]
  return { log, app: createWebApp({ access, open, closed: [routes], log }) }
}

async function startGuarded(given: Given = {}) {
  const { app, log } = createGuarded(given)
  const { port } = await listening(createWebServer({ edge: (_, response) => response.end(), app }))
  return { port, log, host: `127.0.0.1:${port}` }
}

/** The cookie that a sign-in with the password sets. */
async function signIn(port: number, headers: Record<string, string> = {}): Promise<string> {
  const body = new URLSearchParams({ password, next: '/page' }).toString()
  const { headers: answered } = await ask(port, '/login', { method: 'POST', headers: { ...form, ...headers }, body })
  return answered['set-cookie']?.[0] ?? ''
}

describe('without a password', () => {
  test('this machine is answered', async () => {
    const { port } = await startGuarded()

    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, '[::1]:3000', 'LOCALHOST'])
      expect(await ask(port, '/page', { headers: { host } })).toMatchObject({ status: 200, text: 'seen' })
  })

  test.each([
    ['a foreign name that resolves to this machine', { host: 'evil.example' }],
    ['a foreign name that begins like ours', { host: '127.0.0.1.evil.example' }],
    ['another address of this machine', { host: '192.168.1.5:3000' }],
    ['a proxy that says who it speaks for', { 'x-forwarded-for': '203.0.113.9' }],
    ['a proxy that says which host it was asked for', { 'x-forwarded-host': 'reviews.example.com' }],
    ['a proxy after RFC 7239', { forwarded: 'for=203.0.113.9' }],
    ['a proxy that says its name', { via: '1.1 proxy' }],
    ['a tunnel', { 'cf-connecting-ip': '203.0.113.9' }],
    ['nginx as it is often set up', { 'x-real-ip': '203.0.113.9' }],
  ])('%s is not, and is told which setting to make', async (_, headers) => {
    const { port } = await startGuarded()

    const answer = await ask(port, '/page', { headers })

    expect(answer.status).toBe(403)
    expect(JSON.parse(answer.text)).toEqual({ error: expect.stringContaining('DASHBOARD_PASSWORD') })
  })

  test.each(['0.0.0.0', '::', '10.0.0.7'])('nobody is answered when the server listens on %s', async (host) => {
    const { log, port } = await startGuarded({ host })

    const answer = await ask(port, '/page')

    expect(answer.status).toBe(403)
    expect(log.lines).toEqual([
      expect.objectContaining({ level: 'warn', text: expect.stringContaining('DASHBOARD_PASSWORD') }),
    ])
  })

  test.each([
    ['10.0.0.9', 403],
    ['::ffff:10.0.0.9', 403],
    ['fe80::1', 403],
    ['', 403],
    ['127.0.0.1', 200],
    ['::ffff:127.0.0.1', 200],
    ['::1', 200],
  ])('a peer at "%s" is answered with %i', async (remoteAddress, status) => {
    const { app } = createGuarded()
    const env = { incoming: { socket: { remoteAddress } } }

    const response = await app.request('http://localhost/page', { headers: { host: 'localhost' } }, env)

    expect(response.status).toBe(status)
  })

  test.each([
    ['a page elsewhere', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    ['a page on another port of this machine', { 'sec-fetch-site': 'same-site' }, 403],
    ['a page elsewhere, in an old browser', { origin: 'https://evil.example' }, 403],
    ['a page that hides where it is', { origin: 'null' }, 403],
    ['a link or the address bar', { 'sec-fetch-site': 'none' }, 403],
    ['our own page', { 'sec-fetch-site': 'same-origin' }, 200],
    ['a script without a browser', {}, 200],
  ])('a change asked for by %s is answered with %i', async (_, headers, status) => {
    const { port } = await startGuarded()

    const answer = await ask(port, '/act', { method: 'POST', headers: { host: 'localhost', ...headers } })

    expect(answer.status).toBe(status)
  })

  test('there is nothing to sign in to', async () => {
    const { port } = await startGuarded()

    expect((await ask(port, '/login')).headers.location).toBe('/')
    expect((await ask(port, '/login', { method: 'POST', headers: form, body: 'password=' })).headers.location).toBe('/')
  })
})

describe('with a password', () => {
  test('nobody is answered without it, not even this machine', async () => {
    const { port } = await startGuarded({ password })

    const answer = await ask(port, '/page')

    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toContain('Bearer')
    expect(JSON.parse(answer.text)).toEqual({ error: expect.stringContaining('DASHBOARD_PASSWORD') })
  })

  test('a route that is not there is not told apart', async () => {
    const { port } = await startGuarded({ password })

    expect((await ask(port, '/none')).status).toBe(401)
  })

  test('a browser is led to the form, and back to where it wanted to go', async () => {
    const { port } = await startGuarded({ password })

    const answer = await ask(port, '/page?status=failed', { headers: { accept: 'text/html,*/*' } })
    const shown = await ask(port, String(answer.headers.location))

    expect(answer).toMatchObject({ status: 303, headers: { location: '/login?next=%2Fpage%3Fstatus%3Dfailed' } })
    expect(shown.text).toContain('name="next" value="/page?status=failed"')
  })

  test('the password as a bearer token is enough, from anywhere and for changes', async () => {
    const { port } = await startGuarded({ password, host: '0.0.0.0' })
    const headers = {
      authorization: `Bearer ${password}`,
      host: 'reviews.example.com',
      'x-forwarded-for': '203.0.113.9',
    }

    expect((await ask(port, '/page', { headers })).text).toBe('seen')
    expect((await ask(port, '/act', { method: 'POST', headers })).text).toBe('done')
  })

  test.each([
    'Bearer wrong',
    'Bearer ',
    `Basic ${password}`,
    `Bearer ${password} `.toUpperCase(),
    `Bearer x${password}`,
  ])('"%s" is refused', async (authorization) => {
    const { port } = await startGuarded({ password })

    expect((await ask(port, '/page', { headers: { authorization } })).status).toBe(401)
  })

  test('the form opens a session that pages are seen with', async () => {
    const { port } = await startGuarded({ password })

    const cookie = await signIn(port)
    const answer = await ask(port, '/page', { headers: { cookie: cookie.split(';')[0] ?? '' } })

    expect(cookie).toMatch(/^plumbline_session=\d+\.[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(answer.text).toBe('seen')
  })

  test('the cookie is for https only where people come by https', async () => {
    const public_ = await startGuarded({ password, publicUrl: 'https://reviews.example.com' })
    const proxied = await startGuarded({ password })

    expect(await signIn(public_.port)).toContain('; Secure')
    expect(await signIn(proxied.port, { 'x-forwarded-proto': 'https' })).toContain('; Secure')
  })

  test.each([
    ['our own page', { 'sec-fetch-site': 'same-origin' }, 200],
    ['our own page, in an old browser', { origin: 'http://reviews.example.com', host: 'reviews.example.com' }, 200],
    ['our own page behind a proxy that changes the host', { origin: 'https://public.example.com' }, 200],
    ['a page elsewhere', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    ['a page elsewhere, in an old browser', { origin: 'https://evil.example' }, 403],
    ['something that does not say', {}, 403],
  ])('a change with a session, asked for by %s, is answered with %i', async (_, headers, status) => {
    const { port } = await startGuarded({ password, publicUrl: 'https://public.example.com/' })
    const cookie = (await signIn(port)).split(';')[0] ?? ''

    const answer = await ask(port, '/act', { method: 'POST', headers: { cookie, ...headers } })

    expect(answer.status).toBe(status)
  })

  test('a session ends after a week', async () => {
    let time = Date.now()
    const { port } = await startGuarded({ password, now: () => time })
    const cookie = (await signIn(port)).split(';')[0] ?? ''

    time += 7 * 24 * 3600 * 1000 + 1000

    expect((await ask(port, '/page', { headers: { cookie } })).status).toBe(401)
  })

  test.each([
    ['another password', { password: 'another password of good length' }],
    ['another session secret', { password, secret: 'a secret for sessions only' }],
  ])('%s ends all sessions', async (_, given) => {
    const before = await startGuarded({ password })
    const after = await startGuarded(given)
    const cookie = (await signIn(before.port)).split(';')[0] ?? ''

    expect((await ask(after.port, '/page', { headers: { cookie } })).status).toBe(401)
  })

  test.each([
    ['nothing', ''],
    ['no signature', '99999999999.'],
    ['a later end', '99999999999.{signature}'],
    ['a signature that is cut off', '{until}.abc'],
    ['no end', '.{signature}'],
    ['words', 'NaN.{signature}'],
  ])('a session with %s is none', async (_, template) => {
    const { port } = await startGuarded({ password })
    const [, until = '', signature = ''] = /=(\d+)\.([\w-]+)/.exec(await signIn(port)) ?? []
    const forged = template.replace('{until}', until).replace('{signature}', signature)

    const answer = await ask(port, '/page', { headers: { cookie: `plumbline_session=${forged}` } })

    expect(answer.status).toBe(401)
  })

  test('a wrong password is told on the form', async () => {
    const { port } = await startGuarded({ password })

    const answer = await ask(port, '/login', { method: 'POST', headers: form, body: 'password=guess&next=/page' })

    expect(answer.status).toBe(401)
    expect(answer.text).toContain('That is not the password.')
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  test('after ten wrong passwords in a minute even the right one has to wait', async () => {
    let time = Date.now()
    const { port } = await startGuarded({ password, now: () => time })
    const guess = (given: string) => ask(port, '/page', { headers: { authorization: `Bearer ${given}` } })
    for (let tries = 0; tries < 10; tries++) await guess(`guess ${tries}`)

    const tooSoon = await guess(password)
    const byForm = await ask(port, '/login', { method: 'POST', headers: form, body: `password=${password}` })
    time += 60_001
    const later = await guess(password)

    expect([tooSoon.status, byForm.status, later.status]).toEqual([429, 429, 200])
  })

  test.each(['https://evil.example', '//evil.example', '/\\evil.example', '/\t/evil.example', 'page', ''])(
    'signing in does not lead to "%s"',
    async (next) => {
      const { port } = await startGuarded({ password })
      const body = new URLSearchParams({ password, next }).toString()

      const answer = await ask(port, '/login', { method: 'POST', headers: form, body })

      expect(answer).toMatchObject({ status: 303, headers: { location: '/' } })
    },
  )

  test('a page elsewhere can neither sign somebody in nor out', async () => {
    const { port } = await startGuarded({ password })
    const headers = { ...form, 'sec-fetch-site': 'cross-site' }

    const signedIn = await ask(port, '/login', { method: 'POST', headers, body: `password=${password}` })
    const signedOut = await ask(port, '/logout', { method: 'POST', headers })

    expect(signedIn.status).toBe(403)
    expect([signedIn, signedOut].map((answer) => answer.headers['set-cookie'])).toEqual([undefined, undefined])
  })

  test('signing out takes the cookie away', async () => {
    const { port } = await startGuarded({ password })

    const answer = await ask(port, '/logout', { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } })

    expect(answer.headers['set-cookie']?.[0]).toMatch(/^plumbline_session=; Max-Age=0; Path=\//)
  })

  test('a form of any size but small is refused', async () => {
    const { port } = await startGuarded({ password })

    const answer = await ask(port, '/login', { method: 'POST', headers: form, body: `password=${'x'.repeat(20_000)}` })

    expect(answer.status).toBe(413)
  })
})

describe('every answer', () => {
  test('forbids inline scripts, frames and foreign parts, and is kept by no cache', async () => {
    const { port } = await startGuarded()

    const { headers } = await ask(port, '/page')

    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
    })
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })
})
