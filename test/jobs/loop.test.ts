import { expect, test, vi } from 'vitest'
import { createLoop } from '../../src/jobs/loop.ts'
import { createManualClock } from '../support/clock.ts'
import { createKeptLog } from '../support/log.ts'

test('a turn that throws is logged by name and does not end the loop', async () => {
  const clock = createManualClock()
  const log = createKeptLog()
  const turn = vi.fn(async () => {
    throw new Error('Postgres is away')
  })
  const loop = createLoop({ name: 'promote', everyMs: 500, turn, clock, log })

  loop.start()
  await vi.waitFor(() => expect(log.lines).toHaveLength(1))
  await clock.advance(500)

  await vi.waitFor(() => expect(turn).toHaveBeenCalledTimes(2))
  expect(log.lines[0]).toMatchObject({ level: 'warn', fields: { loop: 'promote' } })
  await loop.stop()
})

test('a nudge takes the next turn at once', async () => {
  const clock = createManualClock()
  const turn = vi.fn(async () => undefined)
  const loop = createLoop({ name: 'promote', everyMs: 60_000, turn, clock, log: createKeptLog() })
  loop.start()
  await vi.waitFor(() => expect(clock.slept).toHaveLength(1))

  loop.nudge()

  await vi.waitFor(() => expect(turn).toHaveBeenCalledTimes(2))
  await loop.stop()
})

test('nudges while the loop rests are one turn, when it has rested', async () => {
  const clock = createManualClock()
  const turn = vi.fn(async () => undefined)
  const loop = createLoop({ name: 'promote', everyMs: 500, restMs: 50, turn, clock, log: createKeptLog() })
  loop.start()
  await vi.waitFor(() => expect(clock.slept).toEqual([50]))

  loop.nudge()
  loop.nudge()
  await clock.advance(49)
  expect(turn).toHaveBeenCalledTimes(1)
  await clock.advance(1)
  await vi.waitFor(() => expect(clock.slept).toEqual([50, 450, 50]))
  await clock.advance(50)

  expect(clock.slept).toEqual([50, 450, 50, 450])
  expect(turn).toHaveBeenCalledTimes(2)
  await loop.stop()
})

test('stop waits for the turn under way and tells it to hurry', async () => {
  const finished: string[] = []
  const started = Promise.withResolvers<void>()
  const loop = createLoop({
    name: 'slow',
    everyMs: 1,
    clock: createManualClock(),
    log: createKeptLog(),
    async turn(signal) {
      started.resolve()
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      finished.push('turn')
    },
  })
  loop.start()
  await started.promise

  await loop.stop()

  expect(finished).toEqual(['turn'])
})
