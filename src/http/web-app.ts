import { Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import type { Log } from '../jobs/ports.ts'

export interface WebAppOptions {
  /** For everybody: liveness, login, the style sheet. */
  open: readonly Hono[]
  /** Behind `access`: API, readiness, pages. */
  closed: readonly Hono[]
  access: MiddlewareHandler
  /** Path → origin: where the forms of a page may lead, besides to us. */
  formTargets?: Readonly<Record<string, string>>
  log: Log
}

/** Everything but the webhook route. */
export function createWebApp({ access, closed, formTargets = {}, log, open }: WebAppOptions): Hono {
  const app = new Hono()
  app.use(strictHeaders(formTargets))
  for (const routes of open) app.route('/', routes)
  app.use(access)
  app.use(neverStored)
  for (const routes of closed) app.route('/', routes)

  app.notFound((c) => c.json({ error: 'There is nothing here.' }, 404))
  app.onError((error, c) => {
    if (error instanceof HTTPException)
      return c.json({ error: error.message || 'The request is refused.' }, error.status)
    log.error({ err: error, method: c.req.method, path: c.req.path }, 'request failed')
    return c.json({ error: 'Something failed here; the log of the web process says what.' }, 500)
  })
  return app
}

/** What is behind the password stays out of every cache. */
const neverStored: MiddlewareHandler = async (c, next) => {
  await next()
  if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store')
}

/** Nothing inline, nothing from elsewhere: text from a pull request that got past the escaping could still do nothing. */
const strictHeaders = (formTargets: Readonly<Record<string, string>>): MiddlewareHandler =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      // The page's own events, and itself again.
      connectSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      formAction: [(c) => ["'self'", formTargets[c.req.path] ?? []].flat().join(' ')],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
    // Not `no-referrer`: with it, browsers send `Origin: null` with our own forms.
    referrerPolicy: 'same-origin',
    // Whoever ends TLS in front of us decides this for the whole host.
    strictTransportSecurity: false,
  })
