// Who may see the dashboard and the API.
//
// What must always hold: without a password, only this machine gets an answer, and no web page in a browser on this machine
// can ask in its place. With one, nobody gets an answer who has not shown it.
//
// The design: without a password everything must be loopback: the address we listen on, the peer, and the Host header (a
// foreign name that resolves to 127.0.0.1 is how a web page gets past the first two). A forwarding header means that a proxy
// on this machine speaks for somebody else. State is changed only by requests that a browser says come from our own pages, or
// that carry the password themselves, which a browser never does by itself. https://owasp.org/www-community/attacks/csrf
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import type { Log } from '../jobs/ports.ts'
import { isLoopback } from './loopback.ts'
import type { Sessions } from './session.ts'

export interface AccessOptions {
  /** The address that the server listens on. */
  host: string
  /** Where browsers find us when a proxy changes the Host header. */
  publicUrl: string | undefined
  /** Missing when no password is set. */
  sessions: Sessions | undefined
  log: Log
}

export const sessionCookie = 'plumbline_session'

/** For every route but the webhook, `/healthz`, the login page and its style sheet. */
export function createAccess(options: AccessOptions): MiddlewareHandler {
  const { sessions } = options
  if (!sessions && !isLoopback(options.host))
    options.log.warn({ host: options.host }, 'dashboard and API answer nobody: set DASHBOARD_PASSWORD')
  return async (c, next) => {
    const door = sessions ? withPassword(c, sessions) : withoutPassword(c, options.host)
    if (door === 'closed') return refuse(c, 403, closedSentence)
    if (door === 'too-many') return refuse(c, 429, tooManySentence)
    if (door === 'unknown') return askForPassword(c)
    if (door !== 'bearer' && !isSafe(c.req.method) && !isFromOurPages(c, options.publicUrl, door))
      return refuse(c, 403, 'This request did not come from a page of this site. Scripts send "Authorization: Bearer".')
    return next()
  }
}

/** `bearer` and `session` have shown the password; `local` needs none. */
type Door = 'bearer' | 'session' | 'local' | 'unknown' | 'closed' | 'too-many'

const closedSentence =
  'Without a password, dashboard and API answer only requests from this machine. Set DASHBOARD_PASSWORD to reach them from elsewhere.'
export const tooManySentence = 'Too many wrong passwords. Wait a minute.'

function withPassword(c: Context, sessions: Sessions): Door {
  const bearer = /^Bearer +(.*)$/i.exec(c.req.header('authorization') ?? '')?.[1]
  if (bearer !== undefined) {
    const attempt = sessions.attempt(peerOf(c), bearer)
    return attempt === 'right' ? 'bearer' : attempt === 'wrong' ? 'unknown' : attempt
  }
  return sessions.isValid(getCookie(c, sessionCookie) ?? '') ? 'session' : 'unknown'
}

/** Set by proxies, tunnels and CDNs. Their names differ, their beginnings do not. */
const forwarding =
  /^(forwarded|via|x-forwarded|x-real-ip|x-original|x-client-ip|x-cluster|true-client-ip|cf-|fly-|fastly-|ngrok-)/

function withoutPassword(c: Context, host: string): Door {
  const forwarded = Object.keys(c.req.header()).some((name) => forwarding.test(name))
  const asked = URL.parse(`http://${c.req.header('host') ?? ''}`)?.hostname ?? ''
  return isLoopback(host) && isLoopback(peerOf(c)) && isLoopback(asked) && !forwarded ? 'local' : 'closed'
}

export function peerOf(c: Context): string {
  return getConnInfo(c).remote.address ?? ''
}

const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD'

/**
 * Browsers say where a request comes from: `Sec-Fetch-Site` on https and loopback, `Origin` on every POST.
 * https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 * One that says neither is no browser, so nobody's browser is being misused; with a session it would be one all the same.
 */
export function isFromOurPages(c: Context, publicUrl: string | undefined, door: 'session' | 'local'): boolean {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin'
  const origin = c.req.header('origin')
  if (origin === undefined) return door === 'local'
  if (publicUrl !== undefined && origin === URL.parse(publicUrl)?.origin) return true
  return URL.parse(origin)?.host === c.req.header('host')
}

/** Browsers that open a page are led to the form. */
function askForPassword(c: Context): Response {
  const opensPage = c.req.method === 'GET' && (c.req.header('accept') ?? '').includes('text/html')
  const { pathname, search } = new URL(c.req.url)
  if (opensPage) return c.redirect(`/login?next=${encodeURIComponent(pathname + search)}`, 303)
  c.header('www-authenticate', 'Bearer realm="Plumbline"')
  return c.json({ error: 'Sign in, or send the header "Authorization: Bearer" with DASHBOARD_PASSWORD.' }, 401)
}

function refuse(c: Context, status: 403 | 429, sentence: string): Response {
  return c.json({ error: sentence }, status)
}
