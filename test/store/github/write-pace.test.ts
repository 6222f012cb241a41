import { expect, test } from 'vitest'
import { createWritePace } from '../../../src/store/github/write-pace.ts'
import { openTestStore } from '../store.ts'

const db = await openTestStore()
const pace = createWritePace(db, { perMinute: 3, perHour: 5 })

async function age(seconds: number): Promise<void> {
  await db.query(
    `update github_writes set at = array(select one - $1 * interval '1 second' from unnest(at) one order by one),
       promised = array(select one - $1 * interval '1 second' from unnest(promised) one order by one)`,
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

test('of many that are refused at once, each has a place of its own', async () => {
  for (let write = 0; write < 3; write++) await pace.take(77)
  await age(70)
  for (let write = 0; write < 2; write++) await pace.take(77)

  const refused = await Promise.all(Array.from({ length: 12 }, () => pace.take(77)))

  const seconds = refused.map((one) => ('delayMs' in one ? Math.round(one.delayMs / 1000) : 0))
  // Three writes are an hour old first, then two, then those that were made instead of them.
  const hour = [3530, 3530, 3530, 3600, 3600]
  const next = hour.map((one) => one + 3600)
  expect(seconds.toSorted((a, b) => a - b)).toEqual([...hour, ...next, 10_730, 10_730])
})

test('whoever comes at the time that was promised finds a write', async () => {
  for (let write = 0; write < 5; write++) {
    await pace.take(77)
    await age(60)
  }
  await Promise.all(Array.from({ length: 4 }, () => pace.take(77)))
  const kinds: string[] = []

  for (const seconds of [3300, 60, 60, 60]) {
    await age(seconds)
    kinds.push((await pace.take(77)).kind, (await pace.take(77)).kind)
  }

  expect(kinds).toEqual(['taken', 'wait', 'taken', 'wait', 'taken', 'wait', 'taken', 'wait'])
})

test('a write that another one follows waits until both are left, and so does the next one behind it', async () => {
  const long = createWritePace(db, { perMinute: 3, perHour: 100 })
  await long.take(77)
  await age(20)
  await long.take(77)

  const first = await long.take(77, 1)
  const second = await long.take(77, 1)
  await age(40)
  const kinds = [await long.take(77, 1), await long.take(77)].map((one) => one.kind)

  expect([first, second]).toEqual([
    { kind: 'wait', delayMs: expect.closeTo(40_000, -3) },
    { kind: 'wait', delayMs: expect.closeTo(100_000, -3) },
  ])
  expect(kinds).toEqual(['taken', 'taken'])
})

test('where one write is allowed, one that another follows is not refused for ever', async () => {
  const narrow = createWritePace(db, { perMinute: 1, perHour: 1 })

  const first = await narrow.take(77, 1)
  const second = await narrow.take(77)

  expect([first, second]).toEqual([{ kind: 'taken' }, { kind: 'wait', delayMs: expect.closeTo(3_600_000, -3) }])
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

test('promises that are over are forgotten', async () => {
  for (let write = 0; write < 4; write++) await pace.take(77)
  await age(61)
  for (let write = 0; write < 3; write++) await pace.take(77)

  expect(await db.query('select cardinality(promised) as promises from github_writes')).toEqual([{ promises: 1 }])
})
