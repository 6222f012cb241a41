import { defineConfig } from 'vitest/config'

// Apart from the other tests, because each of these takes minutes: `npm run test:faults`.
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    globalSetup: ['test/support/services.ts'],
    // One campaign alone has five processes and two servers.
    fileParallelism: false,
    // A campaign of 60 pull requests takes about one minute; a thousand restarts of workers take 22.
    testTimeout: 300_000 + 1500 * Number(process.env['FAULT_REVIEWS'] ?? '60'),
    hookTimeout: 60_000,
    reporters: ['default', './test/support/plain-reporter.ts'],
  },
})
