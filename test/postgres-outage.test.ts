// The answer to GitHub depends on Postgres: without it a delivery is refused, so that GitHub shows it as failed.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Plumbline } from './support/plumbline.ts'
import { privatePostgres, type PrivatePostgres } from './support/real.ts'

let plumbline: Plumbline
let postgres: PrivatePostgres

beforeAll(async () => {
  postgres = await privatePostgres()
  plumbline = await Plumbline.start(postgres.url)
})

afterAll(() => plumbline.close())

const patience = { timeout: 60_000, interval: 100 }

test(
  'with Postgres down a delivery is answered with 503, and reviewed when it is sent again',
  { timeout: 120_000 },
  async () => {
    await plumbline.web()
    await plumbline.worker()
    const pull = await plumbline.openPullRequest()
    await postgres.kill9()

    const refused = await plumbline.github.send(pull, 'opened')
    await postgres.restart()

    expect(refused.status).toBe(503)
    await vi.waitFor(async () => expect((await plumbline.github.send(pull, 'reopened')).status).toBe(202), patience)
    await vi.waitFor(() => expect(plumbline.github.reviewsOf(pull)).toHaveLength(1), patience)
  },
)
