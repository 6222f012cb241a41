import { expect, test } from 'vitest'
import { commitSha } from '../../src/review/ids.ts'
import { createIntake } from '../../src/store/intake.ts'
import { allRows, claimReview, headA, headB, headC, openTestStore, pushHook, type RawReview } from './store.ts'

const db = await openTestStore()
const intake = createIntake(db, 3000)

/** From now until the live row is due, in seconds; `null` when it always was. */
async function dueInSeconds(): Promise<number | null | undefined> {
  const [row] = await db.query<{ seconds: number | null }>(
    `select extract(epoch from not_before - now())::float8 as seconds from reviews where status = 'queued'`,
  )
  return row?.seconds
}

async function age(seconds: number): Promise<void> {
  await db.query(
    `update reviews set waiting_since = waiting_since - $1 * interval '1 second',
       not_before = not_before - $1 * interval '1 second'`,
    [seconds],
  )
}

test('pushes that never pause are held for thirty seconds after the first, not for ever', async () => {
  await intake.recordHook(pushHook({ headSha: headA }))
  await age(20)
  await intake.recordHook(pushHook({ headSha: headB }))
  await age(9)

  await intake.recordHook(pushHook({ headSha: headC }))

  const seconds = await dueInSeconds()
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThanOrEqual(1)
})

test('a push over work that had begun is gathered anew', async () => {
  const first = await intake.recordHook(pushHook({ headSha: headA }))
  await age(60)
  if (first.kind !== 'recorded') throw new Error(first.kind)
  await claimReview(db, first.reviewId)

  await intake.recordHook(pushHook({ headSha: headB }))

  expect(await dueInSeconds()).toBeGreaterThan(2)
})

test('twenty pushes of which the deliveries come shuffled leave one waiting row, of the last head', async () => {
  const hooks = Array.from({ length: 20 }, (_, index) => {
    const updatedAt = `2026-01-01T10:00:${String(index).padStart(2, '0')}Z`
    return pushHook({ headSha: commitSha(index.toString(16).padStart(40, '0')) }, { updatedAt })
  })
  // 7 and 20 have no common factor: every hook once, neighbours far apart.
  const shuffled = hooks.map((_, index) => hooks[(index * 7 + 3) % 20] ?? pushHook())

  await Promise.all(shuffled.map((hook) => intake.recordHook(hook)))

  const waiting = (await allRows(db)).filter((row: RawReview) => row.status === 'queued')
  expect(waiting.map((row) => row.head_sha)).toEqual([hooks[19]?.ref.headSha])
})

test('a push is due three seconds after it', async () => {
  await intake.recordHook(pushHook())

  const seconds = await dueInSeconds()
  expect(seconds).toBeGreaterThan(2)
  expect(seconds).toBeLessThanOrEqual(3)
})

test('whatever is not a push is due at once', async () => {
  await intake.recordHook(pushHook({}, { action: 'opened' }))

  expect(await dueInSeconds()).toBeNull()
})
