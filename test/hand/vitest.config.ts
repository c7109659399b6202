import { defineConfig } from 'vitest/config'

/**
 * Checks of the desks that take too long, or need a quiet machine or eyes, to be part of `npm test`:
 * `npx vitest run --config test/hand/vitest.config.ts NAME`. They print what they measured.
 */
export default defineConfig({
  test: {
    include: ['test/hand/**/*.hand.ts'],
    testTimeout: 7_200_000,
    hookTimeout: 300_000,
    globalSetup: ['test/services/global-setup.ts'],
    maxWorkers: 1,
    disableConsoleIntercept: true,
  },
})
