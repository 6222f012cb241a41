import { expect, test, vi } from 'vitest'
import { createWatchdog } from '../src/watchdog.ts'

test('a loop that does not turn ends the process at the sixth look, not before', async () => {
  const bite = vi.fn()
  const look = createWatchdog({ turnedAtMs: () => 5, patience: 6, bite })
  for (let count = 0; count < 6; count++) await look()
  const before = bite.mock.calls.length

  await look()

  expect([before, bite.mock.calls.length]).toEqual([0, 1])
})

test('a loop that turns now and then is left alone, however late', async () => {
  const bite = vi.fn()
  let turnedAtMs = 0
  const look = createWatchdog({ turnedAtMs: () => turnedAtMs, patience: 2, bite })

  for (let count = 0; count < 10; count++) {
    if (count % 2 === 0) turnedAtMs += 1_000_000
    await look()
  }

  expect(bite).not.toHaveBeenCalled()
})
