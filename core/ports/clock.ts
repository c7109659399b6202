import type { EpochMs } from '../units.ts'

/** Time comes in as an argument, so that dwell, deadlines and backoff are tested without waiting. */
export interface Clock {
  now(): EpochMs
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
