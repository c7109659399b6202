import { defineConfig } from 'vitest/config'

// Two projects: `unit` needs no service and is part of `npm run check`; `service` uses real ffmpeg, PostgreSQL,
// RTSP, models or Chromium. A service test that finds its service missing skips with the reason, and in CI fails.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.service.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'service',
          include: ['test/**/*.service.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          globalSetup: ['test/services/global-setup.ts'],
          maxWorkers: 2,
        },
      },
    ],
  },
})
