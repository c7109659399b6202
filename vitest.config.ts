import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/services/longest-first.ts'

/** A fact that is waited for may take its time on a busy machine; vitest's own second is not enough. */
const PATIENT = { poll: { timeout: 15_000, interval: 50 } }

// Two projects: `unit` needs no service and is part of `npm run check`; `service` uses real ffmpeg, PostgreSQL,
// RTSP, models or Chromium. A service test that finds its service missing skips with the reason, and in CI fails.
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.service.test.ts'],
          testTimeout: 20_000,
          expect: PATIENT,
          // One after the other: vitest takes no two projects of different numbers of workers at once.
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'service',
          include: ['test/**/*.service.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: PATIENT,
          globalSetup: ['test/services/global-setup.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
