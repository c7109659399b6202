import type { DurationMs } from './units.ts'

/** Exponential waiting between tries of something that fails. */
export interface BackoffPolicy {
  readonly firstMs: DurationMs
  readonly maxMs: DurationMs
  readonly factor: number
  /** Share by which a wait is shortened or lengthened, so that a hundred cameras of one switch do not come back at once. */
  readonly jitter: number
}

/**
 * Wait before the next try.
 * @param failures tries that failed in a row, from 1
 * @param random   0 ≤ x < 1, for example `Math.random`
 */
export function backoffMs(policy: BackoffPolicy, failures: number, random: () => number): DurationMs {
  const exponent = Math.max(0, failures - 1)
  const wait = Math.min(policy.maxMs, policy.firstMs * policy.factor ** exponent)
  const spread = 1 + policy.jitter * (2 * random() - 1)
  return Math.round(wait * spread)
}
