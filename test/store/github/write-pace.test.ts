import { expect, test } from 'vitest'
import { createWritePace } from '../../../src/store/github/write-pace.ts'
import { openTestStore } from '../store.ts'

const db = await openTestStore()
const pace = createWritePace(db, { perMinute: 3, perHour: 5 })

async function age(seconds: number): Promise<void> {
  await db.query(
    `update github_writes set at = array(select one - $1 * interval '1 second' from unnest(at) one order by one)`,
    [seconds],
  )
}

test('however many workers write at once, no more than the limit is taken', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => pace.take(77)))

  expect(answers.filter((one) => one.kind === 'taken')).toHaveLength(3)
})

test('over the limit of a minute, the wait ends when the first of them is a minute old', async () => {
  await pace.take(77)
  await age(20)
  await pace.take(77)
  await pace.take(77)

  const fourth = await pace.take(77)
  await age(40)
  const later = await pace.take(77)

  expect(fourth).toMatchObject({ kind: 'wait' })
  expect('delayMs' in fourth && fourth.delayMs).toBeGreaterThan(38_000)
  expect('delayMs' in fourth && fourth.delayMs).toBeLessThanOrEqual(40_000)
  expect(later).toEqual({ kind: 'taken' })
})

test('over the limit of an hour, a minute is not enough', async () => {
  for (let write = 0; write < 5; write++) {
    await pace.take(77)
    await age(60)
  }

  const sixth = await pace.take(77)
  await age(3300)
  const later = await pace.take(77)

  expect(sixth).toMatchObject({ kind: 'wait' })
  expect('delayMs' in sixth && sixth.delayMs).toBeGreaterThan(3_290_000)
  expect('delayMs' in sixth && sixth.delayMs).toBeLessThanOrEqual(3_300_000)
  expect(later).toEqual({ kind: 'taken' })
})

test('installations do not wait for each other', async () => {
  for (let write = 0; write < 4; write++) await pace.take(77)

  expect(await pace.take(78)).toEqual({ kind: 'taken' })
})

test('what is older than an hour is forgotten', async () => {
  await pace.take(77)
  await age(3601)

  await pace.take(77)

  expect(await db.query('select cardinality(at) as writes from github_writes')).toEqual([{ writes: 1 }])
})
