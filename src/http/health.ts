import { Hono } from 'hono'

export interface HealthOptions {
  /** Rejects when Postgres does not answer, or takes no writes. */
  checkDatabase(): Promise<unknown>
  /** Rejects when the queue does not answer. */
  checkQueue(): Promise<unknown>
  /** How long each may take. */
  withinMs?: number
}

/** `GET /healthz`: the process turns. For whoever restarts it; open to everybody, so it says nothing else. */
export function createLiveness(): Hono {
  return new Hono().get('/healthz', (c) => c.json({ status: 'ok' }))
}

/**
 * `GET /readyz`: 200 when deliveries can be recorded, which depends on Postgres only; else 503. The queue is reported beside
 * it: without it, reviews wait as rows.
 */
export function createReadiness({ checkDatabase, checkQueue, withinMs = 2000 }: HealthOptions): Hono {
  return new Hono().get('/readyz', async (c) => {
    const [postgres, queue] = await Promise.all([answers(checkDatabase, withinMs), answers(checkQueue, withinMs)])
    const word = (answered: boolean): string => (answered ? 'ok' : 'unreachable')
    const status = postgres ? 'ready' : 'not ready'
    return c.json({ status, postgres: word(postgres), queue: word(queue) }, postgres ? 200 : 503)
  })
}

async function answers(check: () => Promise<unknown>, withinMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), withinMs)
  Promise.try(check).then(
    () => resolve(true),
    () => resolve(false),
  )
  const answered = await promise
  clearTimeout(timer)
  return answered
}
