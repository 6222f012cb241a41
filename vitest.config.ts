import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // `npm run test:browser` and `npm run test:faults`.
    exclude: ['test/browser/**', 'test/faults/**'],
    globalSetup: ['test/support/services.ts'],
    // vitest takes one worker on two cores; two halve the time, because most tests wait for servers.
    maxWorkers: 2,
    // Real servers on a busy machine. A test that waits this long is stuck, not slow.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/plain-reporter.ts'],
  },
})
