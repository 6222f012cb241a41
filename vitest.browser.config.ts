import { defineConfig } from 'vitest/config'

// Apart from the other tests, because these need Chromium: `npm run test:browser`.
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/support/services.ts'],
    maxWorkers: 2,
    // Each test of every page opens ten of them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/plain-reporter.ts'],
  },
})
