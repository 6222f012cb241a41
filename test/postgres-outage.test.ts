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

test('with a Postgres that takes no writes, no delivery is recorded, and the web process is not ready', async () => {
  const { url } = await plumbline.web()
  const readiness = async (): Promise<number> => (await fetch(`${url}/readyz`)).status
  const pull = await plumbline.openPullRequest()
  const before = await readiness()
  await setReadOnly('on')

  await vi.waitFor(async () => expect(await readiness()).toBe(503), patience)
  const refused = await plumbline.github.send(pull, 'opened')
  await setReadOnly('off')

  expect([before, refused.status]).toEqual([200, 503])
  await vi.waitFor(async () => expect(await readiness()).toBe(200), patience)
})

/** As a standby is, and a server whose disk is full at many providers. Sessions that are open hear of it, too. */
async function setReadOnly(value: 'on' | 'off'): Promise<void> {
  await plumbline.query(`alter system set default_transaction_read_only = ${value}`)
  await plumbline.query('select pg_reload_conf()')
}
