import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, setCookie } from 'hono/cookie'
import type { HtmlEscapedString } from 'hono/utils/html'
import { isFromOurPages, peerOf, sessionCookie, tooManySentence } from './access.ts'
import { sessionSeconds, type Sessions } from './session.ts'

type Page = HtmlEscapedString | Promise<HtmlEscapedString>

export interface LoginOptions {
  sessions: Sessions | undefined
  publicUrl: string | undefined
  /** `next` is the path to go to afterwards; `problem` is a sentence. */
  page(form: { next: string; problem?: string }): Page
}

/** `GET /login`, `POST /login` (a form with `password` and `next`) and `POST /logout`. Open to everybody. */
export function createLogin({ page, publicUrl, sessions }: LoginOptions): Hono {
  const login = new Hono()
  const isHttps = (c: Context): boolean =>
    publicUrl?.startsWith('https:') === true || c.req.header('x-forwarded-proto') === 'https'

  login.get('/login', (c) => (sessions ? c.html(page({ next: localPath(c.req.query('next')) })) : c.redirect('/', 303)))

  login.post('/login', bodyLimit({ maxSize: 16 * 1024 }), async (c) => {
    if (!sessions) return c.redirect('/', 303)
    const form = await c.req.parseBody()
    const next = localPath(form['next'])
    // `local`: a client that says no origin may sign in; it has to know the password anyway.
    if (!isFromOurPages(c, publicUrl, 'local')) return c.html(page({ next, problem: 'Please try again.' }), 403)
    const { password } = form
    const attempt = sessions.attempt(peerOf(c), typeof password === 'string' ? password : '')
    if (attempt === 'too-many') return c.html(page({ next, problem: tooManySentence }), 429)
    if (attempt === 'wrong') return c.html(page({ next, problem: 'That is not the password.' }), 401)
    setCookie(c, sessionCookie, sessions.open(), { ...cookie, secure: isHttps(c), maxAge: sessionSeconds })
    return c.redirect(next, 303)
  })

  login.post('/logout', (c) => {
    if (isFromOurPages(c, publicUrl, 'session')) deleteCookie(c, sessionCookie, cookie)
    return c.redirect('/login', 303)
  })
  return login
}

const cookie = { path: '/', httpOnly: true, sameSite: 'Lax' } as const

/** Only paths of this site: browsers read `//host` and `/\host` as another one. */
function localPath(value: unknown): string {
  return typeof value === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(value) ? value : '/'
}
